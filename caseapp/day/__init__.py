"""My day (min dag): what needs this person now, each thing one click from where it is done.

The question answered here is "what is waiting for me?". It only looks: consents that end or lack a signature, birthdays that change
who signs, plans to review, late commitments, follow-ups that have come due, meetings of the week; for other roles what is
theirs. It asks the rooms below, keeps nothing of its own, and takes a fixed number of queries however many cases there are.
"""

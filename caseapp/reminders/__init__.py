"""Reminders (påminnelser): a letter by e-mail that says how much waits, and never for whom or about whom.

The question answered here is "should I sign in today?". A letter holds counts and a link. Everybody chooses for themselves whether they get
any, where and how often; the address lies sealed. A timer calls `flask --app wsgi remind` once a day.

Promised: no name, no case number and no word from a case is in a letter, for no key is fetched to write one; nobody gets two a day; what
could not be delivered is told and tried again at the next call. Not promised: that a letter arrives. My day is the list that counts.
"""

"""Log review (loggkontroll): was there a reason for that reading? A work queue, made anew for each month that has ended.

The question answered here is "which readings should somebody look at, and what came of it?". `rules.py` chooses, from the log and the
municipality's settings: a random sample that nobody can foresee and anybody can repeat, and everything that stands out. A reviewer
asks the person in writing, the person answers, somebody who is not that person closes the matter with an assessment.

Promised: a reviewer sees who opened which case number, when, which sort of page and on which ground, never what stood there; nobody
reviews themselves; a list is made once. Not promised: that a reading which nothing speaks against was right. What was chosen and said
stays when the case is erased, as the log does: it says nothing about a young person but the case number.

Source: lagen (2001:454) om behandling av personuppgifter inom socialtjänsten 10 §, systematic and recurring review of the access log.
"""

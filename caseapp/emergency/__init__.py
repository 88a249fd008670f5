"""Emergencies (nödöppning): how somebody gets to read a case that is shut to them, at once and for an hour, and who looks at it after.

The question answered here is "may it wait for a consent?", and the person who stands in the middle of it answers alone, in writing. What
is promised in return: only members of the case's own team can; only that person reads, and only reads; it ends by itself; the log says
for each compartment that it rests on this; the unit manager is told at once and looks at it within three days.

Who comes near and how long it lasts is the access policy's, what it opens is consent's. Not promised: that a reason is true. That is
what the review is for.
"""

"""Team and network meetings: who is in the room, what is on the agenda, what was decided.

The question answered here is "what may everyone here see?". In meeting mode one case at a time is on a shared screen; it shows
only what every agency in the room may read, and nothing at all while somebody is there whom the case is not for. Each case shown
is one reading in the log, with who was present.

Not done here: deciding what an agency may read (consent), keeping commitments (plans).
"""

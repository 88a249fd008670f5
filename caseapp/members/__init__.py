"""Who is in a team, who decided that, who is away, and who stands in?

An administrator proposes a member and the team's unit manager approves: until then the membership opens nothing, and nobody does
both. Leaving a team, moving to another agency and a leave of absence take effect in one step, with everything that rested on them.
Promised: no step leaves a case behind that nobody can open. Unit managers see case numbers here and nothing else of a case.

Not decided here: who takes part in which case (cases) and what may be read there (consent).
"""

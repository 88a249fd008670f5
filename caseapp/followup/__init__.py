"""Before, during, after and long after: needs, risk and protective factors, what changed, and how people experienced it.

Questions answered here: what did we see, when, and what differs from the time before? Does the support answer to risk and need?
Nothing here says what caused a change.
"""

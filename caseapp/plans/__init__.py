"""The joint plan: goals, what each agency has committed itself to, and the support that is given.

Questions answered here: what is to be reached, who does what until when, and how is it going? Whether needs have changed is
asked in followup, and the meeting where all this is gone through lives in meetings.
"""

"""The joint plan: goals, what each agency has committed itself to, and the support that is given.

Questions answered here: what is to be reached, who does what until when, how is it going, who agreed to it, and what has changed since
then? Whether needs have changed is asked in followup, and the meeting where all this is gone through lives in meetings.
"""

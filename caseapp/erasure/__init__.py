"""Erasure (gallring): which closed cases are no longer to be kept, who decided that, and what stands against it.

The question answered here is "what is due, and why or why not?". `rules.py` decides from a handful of facts and the municipality's
retention profile; two people agree on each case, and only then may it be carried out. Nobody sees more of a case here than its
number: the day of birth is looked at under keys that open coded answers and nothing else.

Not promised here: that nothing is left anywhere. That is the keyholder's destroyed key, and the age of the key store's back-ups.
"""

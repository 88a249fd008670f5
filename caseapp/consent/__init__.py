"""What may be shared with whom, on which ground, until when: the second question at the door, decided item by item.

`rules.py` is the law as one pure function: may this agency read this compartment of this case today, and on which ground?
`open_case` asks it for every compartment, fetches exactly those keys from the keyholder and notes why the others stay shut.
Consent here lifts secrecy between authorities; it is not the ground for keeping the record. This package knows case ids, not
cases.
"""

from .emergency import open_account
from .opening import (
    Opening,
    Present,
    open_case,
    open_cases,
    open_codes_for_retention,
    open_codes_for_statistics,
    open_names_for_review,
    open_own,
    reads_everything,
)
from .passing import AT_A_TIME, opened_in, passing_through
from .rules import ConsentFacts, Decision, Ground, consent_state, may_read

__all__ = [
    "AT_A_TIME",
    "ConsentFacts",
    "Decision",
    "Ground",
    "Opening",
    "Present",
    "consent_state",
    "may_read",
    "open_account",
    "open_case",
    "open_cases",
    "open_codes_for_retention",
    "open_codes_for_statistics",
    "open_names_for_review",
    "open_own",
    "opened_in",
    "passing_through",
    "reads_everything",
]

"""A fictitious municipality, Ekhamra, for trying the program: its office, sixty cases over five quarters, and released quarters.

The question answered here is "what does this look like in use?". Promised: everything is done by the actions that people use, by
actors who may, in the order of the calendar, so that the log, the keys and the consents are what they would have been. A seed decides
everything personal; the same seed on the same day gives the same names, numbers and texts. No real person can be hit: identity
numbers come from the tax agency's test ranges, telephone numbers from the series kept for fiction, and place names do not exist.

Not promised: secrecy. Passwords and second factors follow from the seed and can be printed by anybody who can run a command here;
that is why nothing of this is ever put beside real data.
"""

from .credentials import DemonstrationPerson, people
from .loading import Interrupted, RealDataHere, Standing, load, standing

__all__ = ["DemonstrationPerson", "Interrupted", "RealDataHere", "Standing", "load", "people", "standing"]

"""The young person, the people around, the case, notes, who takes part, and the end of it.

Questions answered here: whose case is this, who is near it, what has been noted, and is it open? What may be shared with whom is
decided in consent; what is planned and followed up lies in the rooms above.
"""

from .gates import gates_for, gates_in_turn
from .models import Case, Note, RelatedPerson, YoungPerson
from .reading import CaseBar, People, RelatedCard, YoungCard, case_bar, case_bars, current_people, files_of

__all__ = [
    "Case",
    "CaseBar",
    "Note",
    "People",
    "RelatedCard",
    "RelatedPerson",
    "YoungCard",
    "YoungPerson",
    "case_bar",
    "case_bars",
    "current_people",
    "files_of",
    "gates_for",
    "gates_in_turn",
]

"""In which compartments of a case is anything written, and since when? For whoever tells what was there to be read.

Nothing is opened: owner agency, information type and moment are columns that lie in the open. A compartment counts from the first row
that has a place for a value in it, also for an empty one, since without its key nobody can tell an empty value from another.
"""

from datetime import datetime

from sqlalchemy import func, select

from .engine import session
from .resealing import sealed_case_models
from .rows import CaseRow
from .sealed import SealedAttribute


def first_written(case_id: str) -> dict[tuple[str, str], datetime]:
    """(owner agency, information type) → when the first row of the case with values there was made. With one query for each kind of row."""
    found: dict[tuple[str, str], datetime] = {}
    for model in sealed_case_models():
        places = (model.owner_agency_id, model.information_type)
        query = select(*places, func.min(model.created_at)).where(model.case_id == case_id).group_by(*places)
        for owner, kind, first in session().execute(query):
            for place in ((owner, named or kind) for named in _named_types(model)):
                found[place] = min(first, found.get(place, first))
    return found


def _named_types(model: type[CaseRow]) -> set[str | None]:
    """The information types that values of such a row lie under; None for the row's own."""
    return {value.information_type for kind in model.__mro__ for value in vars(kind).values() if isinstance(value, SealedAttribute)}

"""The register of sharing: what was handed over in or out of the case, by whom, to whom, how, when and on which ground.

Lines are added and never changed. A line is written by people (a conversation, a paper) or by what the application does itself: a decision
that opens something to an agency with accounts, a plan excerpt that is printed. Reading in the application is not a line each time: it
stands in the log. A line is true whether or not the ground covered it; `outside_ground` tells which types it did not cover, so that
sharing that should not have happened is seen and not refused out of sight.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import select

from caseapp.access import Actor, session
from caseapp.db import Unreadable, Withheld

from .models import SharingAct
from .reading import Shown
from .rules import Ground

IN_THE_SYSTEM, EXCERPT = "system", "excerpt"
#: How somebody who writes a line says it was shared; the application's own words are not among them.
BY_HAND = ("oral", "phone", "paper", "digital")
#: A ground that is neither a consent nor a decision in this case, such as the other agency's own; told in the note.
OTHER = "other"


@dataclass(frozen=True)
class Shared:
    """An act of sharing. An agency id None is somebody outside, named in `counterpart`. `ground_kind`: consent, disclosure or other."""

    from_agency_id: str | None
    to_agency_id: str | None
    types: Sequence[str]
    ground_kind: str
    ground_id: str | None
    shared_on: date
    how: str
    counterpart: str = ""
    note: str = ""
    contents: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ActCard:
    """A line of the register. `registered_by_id` wrote it at `at`; `outside_ground`: types the ground named does not cover."""

    id: str
    at: datetime
    registered_by_id: str
    from_agency_id: str | None
    to_agency_id: str | None
    counterpart: Shown
    types: tuple[str, ...]
    ground_kind: str
    ground_id: str | None
    shared_on: date
    how: str
    note: Shown
    contents: Mapping[str, int]
    outside_ground: tuple[str, ...]


class NamedGround(Protocol):
    """What a line says of its ground."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> str: ...


def why_not_register(shared: Shared, own_agency: str, team: Collection[str], grounds: Iterable[NamedGround], today: date) -> str | None:
    """None if the line may be written, otherwise a code: one's own agency shared or received it, with somebody else, on a ground."""
    sides = (shared.from_agency_id, shared.to_agency_id)
    if own_agency not in sides:
        return "not_your_agency"
    if any(side is not None and side not in team for side in sides):
        return "agency_not_in_team"
    if shared.from_agency_id == shared.to_agency_id:
        return "to_itself"
    if None in sides and not shared.counterpart.strip():
        return "recipient_needed"
    if not shared.types:
        return "nothing_to_disclose"
    if shared.shared_on > today:
        return "day_in_future"
    if shared.ground_kind == OTHER:
        return None if shared.note.strip() else "ground_in_words"
    return None if any((ground.kind, ground.id) == (shared.ground_kind, shared.ground_id) for ground in grounds) else "unknown_ground"


def note_sharing(actor: Actor, case_id: str, shared: Shared) -> str:
    """Add a line to the register, and give its id. Inside an action that has opened the agency's own reasons."""
    row = SharingAct(
        case_id=case_id,
        owner_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        from_agency_id=shared.from_agency_id,
        to_agency_id=shared.to_agency_id,
        covered_types=",".join(shared.types),
        ground_kind=shared.ground_kind,
        ground_id=shared.ground_id,
        shared_on=shared.shared_on,
        how=shared.how,
        contents=dict(shared.contents),
        counterpart=shared.counterpart,
        note=shared.note,
    )
    session().add(row)
    return row.id


def acts_of(case_id: str, grounds: Iterable[Ground]) -> tuple[ActCard, ...]:
    """Every line about the case, the latest day first. `grounds`: those of the case."""
    by_id = {ground.id: ground for ground in grounds}
    query = select(SharingAct).where(SharingAct.case_id == case_id)
    rows = session().scalars(query.order_by(SharingAct.shared_on.desc(), SharingAct.created_at.desc(), SharingAct.id))
    return tuple(_card(row, by_id.get(row.ground_id or "")) for row in rows)


def _card(row: SharingAct, ground: Ground | None) -> ActCard:
    contents: Any = row.contents
    types = tuple(kind for kind in row.covered_types.split(",") if kind)
    return ActCard(
        id=row.id,
        at=row.created_at,
        registered_by_id=row.created_by_id,
        from_agency_id=row.from_agency_id,
        to_agency_id=row.to_agency_id,
        counterpart=row.counterpart,
        types=types,
        ground_kind=row.ground_kind,
        ground_id=row.ground_id,
        shared_on=row.shared_on,
        how=row.how,
        note=row.note,
        contents={} if isinstance(contents, Withheld | Unreadable) else {name: len(items) for name, items in contents.items()},
        outside_ground=_outside(types, row, ground),
    )


def _outside(types: Sequence[str], row: SharingAct, ground: Ground | None) -> tuple[str, ...]:
    """The types the ground did not cover, as far as the ground is known to this case and both sides are agencies of the team."""
    if ground is None or row.from_agency_id is None or row.to_agency_id is None or row.how == EXCERPT:
        return ()
    in_time = ground.valid_from <= row.shared_on <= ground.valid_to
    return tuple(
        kind
        for kind in types
        if not (in_time and row.from_agency_id in ground.agencies and (row.to_agency_id, kind) in ground.scope)
    )

"""May this agency decide to hand this over without consent, on this ground, until then? What state is the decision in? Pure.

A disclosure decision (utlämnande) opens what one agency holds to one other, for named types and a period, and nothing else: see
`opens`. Which grounds there are, between whom and under which conditions is data (codelists/disclosure_grounds.yaml); whether the
conditions are met in a case is for the people who decide, and their weighing is kept in words.

Source: offentlighets- och sekretesslagen (2009:400) 8 kap. 1 § (secrecy holds between authorities) and 10 kap. (what breaks it); the
paragraph of each ground stands in the list.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from .rules import Compartment, Ground

AWAITING, ACTIVE, EXPIRED, REVOKED = "awaiting", "active", "expired", "revoked"
#: The compartment of an agency's own reasons: no consent and no decision can name it, so that nobody else ever reads them.
OWN_REASONS = "sharing"


@dataclass(frozen=True)
class DisclosureGround:
    """A line of the list. `from_kinds`, `to_kinds`: codes of Actor, empty for any. `under_age` in whole years; `longest_days` in days."""

    code: str
    sv: str
    en: str
    statute: str
    valid_from: date
    valid_to: date | None
    from_kinds: frozenset[str]
    to_kinds: frozenset[str]
    to_outside: bool
    weighing_needed: bool
    two_decide: bool
    longest_days: int
    under_age: int | None
    conditions_sv: str
    conditions_en: str

    def label(self, lang: str = "sv") -> str:
        """What it is called, in the asked language."""
        return self.en if lang == "en" else self.sv

    def conditions(self, lang: str = "sv") -> str:
        """What must be true, in the asked language."""
        return self.conditions_en if lang == "en" else self.conditions_sv

    def is_offered(self, on: date) -> bool:
        """Whether the list offers the ground on this day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def is_from(self, kind: str) -> bool:
        """Whether an agency of this kind may hand over on it."""
        return not self.from_kinds or kind in self.from_kinds

    def is_to(self, kind: str) -> bool:
        """Whether an agency of this kind may receive on it."""
        return not self.to_kinds or kind in self.to_kinds


def disclosure_ground(code: str, written: Mapping[str, Any]) -> DisclosureGround:
    """The ground as the list writes it."""
    return DisclosureGround(
        code=code,
        sv=written["sv"],
        en=written["en"],
        statute=written["statute"],
        valid_from=written["valid_from"],
        valid_to=written["valid_to"],
        from_kinds=frozenset(written["from"]),
        to_kinds=frozenset(written["to"]),
        to_outside=written["outside"],
        weighing_needed=written["weighing"],
        two_decide=written["two"],
        longest_days=written["longest_days"],
        under_age=written["under_age"],
        conditions_sv=written["conditions"]["sv"],
        conditions_en=written["conditions"]["en"],
    )


# -- may it be decided -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposed:
    """A decision as somebody wants to take it. `to_kind`: the receiving agency's code of Actor, None for somebody outside the team.

    `last_day_of_age`: the last day the person is young enough for the ground; None where the ground has no age or it is not known.
    """

    from_agency: str
    from_kind: str
    to_agency: str | None
    to_kind: str | None
    has_recipient: bool
    types: Collection[str]
    has_weighing: bool
    valid_from: date
    valid_to: date
    informed_on: date | None
    has_reason_not_informed: bool
    last_day_of_age: date | None


def why_not_disclose(ground: DisclosureGround | None, wanted: Proposed, today: date) -> str | None:
    """None if this may be decided today, otherwise the code of the first rule that is broken."""
    if ground is None:
        return "unknown_ground"
    return (
        _why_not_ground(ground, wanted, today)
        or _why_not_recipient(ground, wanted)
        or _why_not_content(ground, wanted, today)
        or _why_not_period(ground, wanted, today)
    )


def _why_not_ground(ground: DisclosureGround, wanted: Proposed, today: date) -> str | None:
    if not ground.is_offered(today):
        return "ground_not_in_force"
    if not ground.is_from(wanted.from_kind):
        return "ground_not_from"
    if ground.under_age is None:
        return None
    if wanted.last_day_of_age is None:
        return "age_unknown"
    return "too_old" if today > wanted.last_day_of_age else None


def _why_not_recipient(ground: DisclosureGround, wanted: Proposed) -> str | None:
    if wanted.to_agency is None:
        if not ground.to_outside:
            return "not_to_outside"
        return None if wanted.has_recipient else "recipient_needed"
    if wanted.to_agency == wanted.from_agency:
        return "to_itself"
    if wanted.to_kind is None:
        return "agency_not_in_team"
    return None if ground.is_to(wanted.to_kind) else "ground_not_to"


def _why_not_content(ground: DisclosureGround, wanted: Proposed, today: date) -> str | None:
    if not wanted.types:
        return "nothing_to_disclose"
    if ground.weighing_needed and not wanted.has_weighing:
        return "weighing_needed"
    if wanted.informed_on is None:
        return None if wanted.has_reason_not_informed else "reason_needed"
    return "informed_in_future" if wanted.informed_on > today else None


def _why_not_period(ground: DisclosureGround, wanted: Proposed, today: date) -> str | None:
    if wanted.valid_from < today:
        return "in_the_past"
    if wanted.valid_to < wanted.valid_from:
        return "ends_before_start"
    if wanted.valid_to > latest_day(ground, wanted.valid_from):
        return "too_long"
    if ground.valid_to is not None and wanted.valid_to > ground.valid_to:
        return "ground_ends"
    if wanted.last_day_of_age is not None and wanted.valid_to > wanted.last_day_of_age:
        return "past_the_age"
    return None


def latest_day(ground: DisclosureGround, valid_from: date) -> date:
    """The last day a decision from `valid_from` may hold on this ground; the first day counts."""
    return valid_from + timedelta(days=ground.longest_days - 1)


def why_not_decide(actor_agency: str, home_agency: str, is_coordinator: bool) -> str | None:
    """None if this person may decide about their own agency's items: of the coordinator's agency only the coordinator does."""
    return "only_coordinator" if actor_agency == home_agency and not is_coordinator else None


# -- what has been decided ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DecisionFacts:
    """What decides the state of one decision."""

    two_decide: bool
    agreed_at: datetime | None
    revoked_at: datetime | None
    valid_from: date
    valid_to: date


def disclosure_state(facts: DecisionFacts, on: date) -> str:
    """awaiting (a second decider), active, expired or revoked, on this day."""
    if facts.revoked_at is not None:
        return REVOKED
    if on > facts.valid_to:
        return EXPIRED
    return AWAITING if facts.two_decide and facts.agreed_at is None else ACTIVE


def why_not_agree(state: str, first_id: str, second_id: str, ground: DisclosureGround | None, on: date) -> str | None:
    """None if this person may be the second who decides: another than the first, while it waits and the ground is still offered."""
    if state != AWAITING:
        return "not_awaiting"
    if first_id == second_id:
        return "same_person"
    return None if ground is not None and ground.is_offered(on) else "ground_not_in_force"


def opens(decision_id: str, facts: DecisionFacts, from_agency: str, to_agency: str, types: Sequence[str], on: date) -> Ground:
    """The decision as a ground for `may_read`: directed, from one agency to one other, for these types."""
    scope: frozenset[Compartment] = frozenset((to_agency, kind) for kind in types if kind != OWN_REASONS)
    return Ground(
        id=decision_id,
        kind="disclosure",
        state=disclosure_state(facts, on),
        agencies=frozenset({from_agency}),
        scope=scope,
        valid_from=facts.valid_from,
        valid_to=facts.valid_to,
    )

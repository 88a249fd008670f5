"""Sharing as pages of a case: decisions to disclose without consent, and the register of each act of sharing.

Consent knows case ids, cases know people; here they meet: how old somebody is decides which grounds there are. The coordinator sees every
decision and every line of the register; others see those in which their own agency hands over or receives. Reasons are shown to the
agency whose they are, and to nobody else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from caseapp.access import (
    COORDINATOR,
    Actor,
    Gate,
    Permission,
    Refused,
    action,
    allow,
    log_as,
    log_detail,
    observe,
    remember_result,
    today,
)
from caseapp.accounts import AgencyCard, office
from caseapp.consent import open_case
from caseapp.consent.disclosing import (
    DecisionCard,
    DisclosureProblem,
    Wanted,
    agree_to_disclosure,
    decisions_of,
    disclosure_grounds,
    note_informed,
    place_decision,
    revoke_disclosure,
)
from caseapp.consent.disclosure_rules import OWN_REASONS, DisclosureGround, latest_day, why_not_decide
from caseapp.consent.opening import ALL_TYPES, grounds_of, open_own
from caseapp.consent.rules import Ground, birthday, ground_state
from caseapp.consent.sharing import BY_HAND, OTHER, ActCard, Shared, acts_of, note_sharing, why_not_register

from .reading import CaseBar, Shown, case_bar, current_people

__all__ = [
    "DisclosurePage",
    "DisclosureProblem",
    "HandOver",
    "RegisterPage",
    "Wanted",
    "agree_to_disclosure",
    "decide_disclosure",
    "note_informed",
    "read_disclosing",
    "read_register",
    "register_sharing",
    "revoke_disclosure",
]
_OPENED = (*ALL_TYPES, OWN_REASONS)


@dataclass(frozen=True)
class DisclosurePage:
    """What the pages of disclosure show. `offered`: the grounds the actor's agency may decide on today, () for who may not decide.

    `may_agree`, `may_revoke`, `may_inform`: ids of the decisions this person may do that with.
    """

    bar: CaseBar
    agencies: tuple[AgencyCard, ...]
    own_agency: AgencyCard
    decisions: tuple[DecisionCard, ...]
    grounds: Mapping[str, DisclosureGround]
    offered: tuple[DisclosureGround, ...]
    why_not: str
    may_agree: frozenset[str]
    may_revoke: frozenset[str]
    may_inform: frozenset[str]
    user_names: Mapping[str, str]

    @property
    def others(self) -> tuple[AgencyCard, ...]:
        """The agencies of the team besides the actor's own."""
        return tuple(agency for agency in self.agencies if agency.id != self.own_agency.id)

    def agency_name(self, agency_id: str | None) -> str:
        """The name of an agency, "" for somebody outside."""
        return next((agency.name for agency in self.agencies if agency.id == agency_id), "")


@action
def read_disclosing(actor: Actor, case_id: str, *, to_decide: bool = False) -> DisclosurePage:
    """The decisions of a case as this person may know of them, and what they may decide."""
    gate = allow(actor, Permission.DISCLOSE if to_decide else Permission.READ_CONSENT, on=case_id)
    log_as("view")
    opening = open_case(actor, gate, types=_OPENED)
    register = office()
    decisions = _known_to(actor, gate, decisions_of(case_id))
    own = [one for one in decisions if one.from_agency_id == actor.agency_id]
    may_disclose = observe(actor, Permission.DISCLOSE, case_id)
    may = may_disclose and gate.is_open
    decides = why_not_decide(actor.agency_id, gate.home_agency_id, coordinates(actor, gate)) or ""
    why_not = decides if gate.is_open else "case_closed"
    agency = register.agencies[actor.agency_id]
    return DisclosurePage(
        bar=case_bar(gate, opening),
        agencies=register.team_agencies(gate.team_id),
        own_agency=agency,
        decisions=decisions,
        grounds=disclosure_grounds(),
        offered=tuple(one for one in disclosure_grounds().values() if one.is_offered(today()) and one.is_from(agency.actor))
        if may and not why_not
        else (),
        why_not=why_not,
        may_agree=frozenset(one.id for one in own if may and one.state == "awaiting" and one.decided_by_id != actor.user_id),
        may_revoke=frozenset(one.id for one in own if may and one.state in ("awaiting", "active")),
        may_inform=frozenset(one.id for one in own if may_disclose and one.informed_on is None),
        user_names={user.id: user.name for user in register.users.values()},
    )


def coordinates(actor: Actor, gate: Gate) -> bool:
    """Whether the person coordinates the team's cases."""
    return COORDINATOR in actor.teams.get(gate.team_id, frozenset())


def _known_to(actor: Actor, gate: Gate, decisions: tuple[DecisionCard, ...]) -> tuple[DecisionCard, ...]:
    if coordinates(actor, gate):
        return decisions
    return tuple(one for one in decisions if actor.agency_id in (one.from_agency_id, one.to_agency_id))


@action
def decide_disclosure(actor: Actor, case_id: str, wanted: Wanted, *, once: str | None = None) -> str:
    """Decide to disclose what the actor's own agency holds, and give the decision's id. Raises DisclosureProblem with a code."""
    gate = allow(actor, Permission.DISCLOSE, on=case_id, once=once)
    log_as("create")
    if not gate.is_open:
        raise Refused("case_closed", Permission.DISCLOSE, case_id)
    open_case(actor, gate, types=("identity",))
    ground = disclosure_grounds().get(wanted.ground)
    last_day = _last_day_under(current_people(case_id).young.born, ground.under_age) if ground and ground.under_age else None
    decision_id = place_decision(actor, gate, wanted, coordinates=coordinates(actor, gate), last_day_of_age=last_day)
    remember_result(once, decision_id)
    return decision_id


def _last_day_under(born: date | None, years: int) -> date | None:
    """The last day somebody is younger than so many years."""
    return None if born is None else birthday(born, years) - timedelta(days=1)


def latest_of(ground_code: str) -> date:
    """The last day a decision of today may hold on this ground."""
    return latest_day(disclosure_grounds()[ground_code], today())


# -- the register ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HandOver:
    """A ground a line of the register may name. `state` today; `kind`: consent or disclosure; `ground` the code of a decision's ground."""

    id: str
    kind: str
    state: str
    valid_from: date
    valid_to: date
    ground: str = ""


@dataclass(frozen=True)
class RegisterPage:
    """The register of sharing as this person may know of it. `name` is the young person's. `may_hand_out`: plan excerpts."""

    bar: CaseBar
    name: Shown
    agencies: tuple[AgencyCard, ...]
    own_agency_id: str
    acts: tuple[ActCard, ...]
    hand_overs: Mapping[str, HandOver]
    ground_names: Mapping[str, DisclosureGround]
    user_names: Mapping[str, str]
    may_register: bool
    may_hand_out: bool
    have_accounts: frozenset[str]

    @property
    def others(self) -> tuple[AgencyCard, ...]:
        """The agencies of the team besides the actor's own."""
        return tuple(agency for agency in self.agencies if agency.id != self.own_agency_id)

    @property
    def partners(self) -> tuple[AgencyCard, ...]:
        """The agencies of the team besides the coordinator's."""
        return tuple(agency for agency in self.agencies if agency.id != self.bar.home_agency_id)

    def agency_name(self, agency_id: str | None) -> str:
        """The name of an agency, "" for somebody outside."""
        return next((agency.name for agency in self.agencies if agency.id == agency_id), "")


@action
def read_register(actor: Actor, case_id: str, *, to_print: bool = False) -> RegisterPage:
    """The register of sharing; the log tells when it was made to be printed."""
    gate = allow(actor, Permission.READ_CONSENT, on=case_id)
    if to_print:
        log_as("print")
    opening = open_case(actor, gate, types=("identity", OWN_REASONS))
    register = office()
    acts = acts_of(case_id, opening.grounds)
    if not coordinates(actor, gate):
        acts = tuple(one for one in acts if actor.agency_id in (one.from_agency_id, one.to_agency_id))
    team = register.teams[gate.team_id]
    return RegisterPage(
        bar=case_bar(gate, opening),
        name=current_people(case_id).young.name,
        agencies=register.team_agencies(gate.team_id),
        own_agency_id=actor.agency_id,
        acts=acts,
        hand_overs=_hand_overs(actor, gate, opening.grounds),
        ground_names=disclosure_grounds(),
        user_names={user.id: user.name for user in register.users.values()},
        may_register=observe(actor, Permission.REGISTER_SHARING, case_id),
        may_hand_out=observe(actor, Permission.HAND_OUT_PLAN, case_id),
        have_accounts=frozenset(agency_id for agency_id in team.agency_ids if team.lets_in(agency_id)),
    )


def _hand_overs(actor: Actor, gate: Gate, grounds: Iterable[Ground]) -> dict[str, HandOver]:
    """Every consent of the case, and the decisions this person may know of, outside the team too."""
    found = {
        ground.id: HandOver(ground.id, "consent", ground_state(ground, today()), ground.valid_from, ground.valid_to)
        for ground in grounds
        if ground.kind == "consent"
    }
    for one in _known_to(actor, gate, decisions_of(gate.id)):
        found[one.id] = HandOver(one.id, "disclosure", one.state, one.valid_from, one.valid_to, one.ground)
    return found


@action
def register_sharing(actor: Actor, case_id: str, shared: Shared, *, once: str | None = None) -> str:
    """Write a line in the register, and give its id. Raises DisclosureProblem with a code."""
    gate = allow(actor, Permission.REGISTER_SHARING, on=case_id, once=once)
    known = _hand_overs(actor, gate, grounds_of([case_id]).get(case_id, ()))
    problem = why_not_register(shared, actor.agency_id, office().teams[gate.team_id].agency_ids, known.values(), today())
    if problem is None and shared.how not in BY_HAND:
        problem = "how_needed"
    if problem is not None:
        raise DisclosureProblem(problem)
    open_own(actor, gate, OWN_REASONS)
    act_id = note_sharing(actor, case_id, shared)
    log_detail(sharing=act_id, ground_id=None if shared.ground_kind == OTHER else shared.ground_id)
    remember_result(once, act_id)
    return act_id

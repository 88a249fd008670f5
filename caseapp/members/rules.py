"""The law of being in a team: who may be proposed and by whom, who approves, who may be away, and who may stand in. Pure.

Each rule gives None for yes, or the reason code of a no. Four eyes: an administrator proposes and can read nothing, a unit manager
approves and can propose nobody; so nobody lets themselves in. The one exception is a team's first unit manager, whom there is
nobody to approve.

Source: the client's rule that the head of the unit decides who works with its cases; lagen (2001:454) om behandling av
personuppgifter inom socialtjänsten 10 §: access follows the task.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from caseapp.access.rules import ADMINISTRATOR, COORDINATOR, PARTICIPANT, UNIT_MANAGER

#: The states of a proposal.
PROPOSED, APPROVED, REFUSED, TAKEN_BACK = "proposed", "approved", "refused", "taken_back"
#: The states of a leave; those that count against another one.
ASKED, CONFIRMED, ENDED = "asked", "confirmed", "ended"
STANDING = frozenset({ASKED, CONFIRMED})
#: The roles with which somebody works in cases.
CASE_ROLES = frozenset({COORDINATOR, PARTICIPANT})


@dataclass(frozen=True)
class Member:
    """Somebody as these rules see them: `roles` in the installation, `held` in the team in question."""

    id: str
    agency_id: str
    roles: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    is_active: bool = True


@dataclass(frozen=True)
class TheTeam:
    """The team in question, with the agencies that belong to it, and those of them whose people may not sign in for it."""

    agency_ids: Collection[str]
    is_active: bool = True
    without_accounts: Collection[str] = ()


def why_not_member(person: Member, role: str, team: TheTeam) -> str | None:
    """Why this person cannot have this role in the team, whoever asks for it."""
    if not team.is_active:
        return "team_closed"
    if not person.is_active:
        return "account_closed"
    if person.agency_id not in team.agency_ids:
        return "agency_not_in_team"
    if person.agency_id in team.without_accounts:
        return "partner_without_account"
    if role in person.held:
        return "member_already"
    if role == UNIT_MANAGER and ADMINISTRATOR in person.roles:
        return "administrator_manages"
    return None


def why_not_propose(proposer_id: str, person: Member, role: str, team: TheTeam, *, is_waiting: bool) -> str | None:
    """Why this cannot be proposed. `is_waiting`: the same is proposed already."""
    if proposer_id == person.id:
        return "own_membership"
    if is_waiting:
        return "proposed_already"
    return why_not_member(person, role, team)


def why_not_approve(approver: Member, proposer_id: str, state: str, person: Member, role: str, team: TheTeam) -> str | None:
    """Why this person cannot approve the proposal now. What made it possible when it was proposed is asked again."""
    if state != PROPOSED:
        return "proposal_decided"
    if approver.id == proposer_id:
        return "same_proposer"
    if approver.id == person.id:
        return "own_membership"
    if ADMINISTRATOR in approver.roles:
        return "administrator_approves"
    return why_not_member(person, role, team)


# -- away --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Away:
    """A leave in the team, asked for or confirmed: whose, who stands in, from which day until which, both included."""

    user_id: str
    stand_in_id: str | None
    from_day: date
    until_day: date

    def meets(self, from_day: date, until_day: date) -> bool:
        """Whether any day is in both."""
        return self.from_day <= until_day and from_day <= self.until_day


def why_not_away(
    person: Member,
    stand_in: Member | None,
    from_day: date,
    until_day: date,
    *,
    today: date,
    others: Iterable[Away],
    managers: Collection[str],
) -> str | None:
    """Why the person cannot be away in these days with this stand-in (None: nobody stands in).

    `others`: the team's other leaves, asked for and confirmed. `managers`: the team's unit managers with an open account. An absent
    one decides nothing, so somebody else must be there who can.
    """
    meeting = [one for one in others if one.meets(from_day, until_day)]
    away = {one.user_id for one in meeting}
    if until_day < from_day:
        return "leave_ends_first"
    if until_day < today:
        return "leave_is_past"
    if not person.held:
        return "not_a_member"
    if person.id in away:
        return "leave_overlaps"
    if person.id in {one.stand_in_id for one in meeting}:
        return "is_stand_in"
    if UNIT_MANAGER in person.held and not set(managers) - away - {person.id}:
        return "last_unit_manager"
    return None if stand_in is None else why_not_stand_in(person, stand_in, away)


def why_not_stand_in(person: Member, stand_in: Member, away: Collection[str]) -> str | None:
    """Why this member cannot stand in. `away`: who is away on one of the days.

    A stand-in works with the role they hold themselves, which was approved for them: so a coordinator's must be a coordinator.
    """
    if stand_in.id == person.id:
        return "stand_in_self"
    if not stand_in.is_active or not stand_in.held & CASE_ROLES:
        return "stand_in_not_member"
    if stand_in.agency_id != person.agency_id:
        return "stand_in_agency"
    if COORDINATOR in person.held and COORDINATOR not in stand_in.held:
        return "stand_in_role"
    if stand_in.id in away:
        return "stand_in_away"
    return None

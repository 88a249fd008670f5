"""The office of the municipality: settings, agencies, teams and people, as an administrator sets them up in the interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from caseapp.access import UNIT_MANAGER, Actor, now
from caseapp.accounts import actions as accounts
from caseapp.accounts import actor_for, office
from caseapp.accounts.passwords import new_password
from caseapp.accounts.second_factor import code_at
from caseapp.members import actions as members

from .credentials import passphrase, totp_secret
from .written import office_plan


@dataclass(frozen=True)
class Town:
    """The office, for those who act in it: ids by the keys of office.yaml, people as actors by login."""

    agencies: Mapping[str, str]
    teams: Mapping[str, str]
    actors: Mapping[str, Actor]
    regulars: Mapping[str, Sequence[str]]

    def coordinator(self, team: str) -> Actor:
        """The coordinator of a team."""
        return next(actor for actor in self.actors.values() if "coordinator" in actor.teams.get(self.teams[team], ()))

    def workers(self, team: str, agency: str) -> list[str]:
        """The logins of an agency's people in a team, the regular ones first."""
        here = [
            login
            for login, actor in self.actors.items()
            if actor.agency_id == self.agencies[agency] and "participant" in actor.teams.get(self.teams[team], ())
        ]
        return sorted(here, key=lambda login: login not in self.regulars[team])


def first_administrator() -> Actor:
    """The administrator that `init` left, who has just proved who they are. Inside a transaction."""
    user_id = next(user.id for user in office().users.values() if "administrator" in user.roles)
    found = actor_for(user_id)
    assert found is not None
    return replace(found, proved_at=now().timestamp())


def found(admin: Actor, seed: int) -> Town:
    """Set up the office. Called inside an action of the administrator's."""
    plan = office_plan()
    accounts.set_municipality(admin, name=plan["municipality"], **plan["settings"])
    _sign_up(admin, seed)
    agencies = {key: accounts.create_agency(admin, name=one["name"], kind=one["kind"]) for key, one in plan["agencies"].items()}
    teams = {
        key: accounts.create_team(
            admin,
            name=one["name"],
            work_form=one["work_form"],
            home_agency_id=agencies[one["home"]],
            agency_ids=[agencies[agency] for agency in one["agencies"]],
            partner_accounts=True,
        )
        for key, one in plan["teams"].items()
    }
    user_ids = {
        one["login"]: accounts.make_person(
            admin,
            name=one["name"],
            login=one["login"],
            agency_id=agencies[one["agency"]],
            roles=one.get("roles", ()),
            password=passphrase(seed),
            totp_secret=totp_secret(seed, one["login"]),
        )
        for one in plan["people"]
    }
    _fill_teams(admin, plan, user_ids, teams)
    actors = {login: actor for login, user_id in user_ids.items() if (actor := actor_for(user_id)) is not None}
    regulars = {team: [one["login"] for one in plan["people"] if team in one.get("regular", ())] for team in teams}
    return Town(agencies, teams, actors, regulars)


def _fill_teams(admin: Actor, plan: Mapping[str, Any], user_ids: Mapping[str, str], teams: Mapping[str, str]) -> None:
    """The administrator proposes everybody; each team's first unit manager is one at once, and approves the others."""
    wanted = [(login, team, role) for one in plan["people"] for team, role in one.get("teams", {}).items() for login in [one["login"]]]
    managers = {team: login for login, team, role in wanted if role == UNIT_MANAGER}
    for team, login in managers.items():
        members.propose(admin, user_ids[login], teams[team], UNIT_MANAGER)
    for login, team, role in wanted:
        if managers[team] == login:
            continue
        proposal = members.propose(admin, user_ids[login], teams[team], role)
        manager = actor_for(user_ids[managers[team]])
        assert manager is not None
        members.approve_proposal(manager, proposal)


def _sign_up(admin: Actor, seed: int) -> None:
    """The administrator accepts a new invitation, with the password and the second factor of the demonstration."""
    written = office_plan()["administrator"]
    accounts.change_person(admin, admin.user_id, name=written["name"], roles=admin.roles)
    token = accounts.invite_again(admin, admin.user_id)
    secret = totp_secret(seed, written["login"])
    accounts.accept_invitation(
        token,
        password_hash=new_password(passphrase(seed), (written["name"], written["login"])),
        totp_secret=secret,
        code=code_at(secret, now()),
    )

"""The person who acts, as a plain value: detached from the database, made anew for each request."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """Who acts. `roles` are the installation's roles, `teams` maps team id → roles in that team.

    A team from which the person is on leave today is not among `teams`. `stands_in_for`: team id → the ids of the members on leave
    for whom this person is the stand-in there today.
    """

    user_id: str
    name: str
    agency_id: str
    roles: frozenset[str] = frozenset()
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)
    request_id: str = ""
    #: When this person last proved themselves with the second factor (seconds since 1970); 0 means never in this session.
    proved_at: float = 0.0
    stands_in_for: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has_role(self, role: str) -> bool:
        """Whether the person has this role in the installation or in any team."""
        return role in self.roles or any(role in roles for roles in self.teams.values())


#: Nobody is signed in.
ANONYMOUS = Actor(user_id="", name="", agency_id="")

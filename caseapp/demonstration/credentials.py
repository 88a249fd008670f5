"""How the people of a demonstration sign in: the same passphrase for everybody and a second factor each, both from the seed.

Printed by a command, so never worth more than the fictitious municipality it opens.
"""

import base64
import hashlib
from dataclasses import dataclass
from random import Random

from .written import office_plan

_WORDS = 4


@dataclass(frozen=True)
class DemonstrationPerson:
    """Somebody who can sign in. `role` holds codes; `team` the names of the teams, both joined by a comma."""

    name: str
    login: str
    password: str
    totp_secret: str
    agency: str
    role: str
    team: str


def passphrase(seed: int) -> str:
    """The passphrase of everybody in the municipality with this seed."""
    drawn = Random(f"{seed}/passphrase").sample(office_plan()["words"], _WORDS)  # noqa: S311 - meant to be foreseen
    return " ".join(drawn)


def totp_secret(seed: int, login: str) -> str:
    """The second factor of one person: 160 bits in base32."""
    return base64.b32encode(hashlib.sha256(f"{seed}/{login}/totp".encode()).digest()[:20]).decode()


def people(seed: int) -> list[DemonstrationPerson]:
    """Everybody who can sign in, a coordinator first, the administrator last."""
    plan = office_plan()
    everybody = [
        DemonstrationPerson(
            name=one["name"],
            login=one["login"],
            password=passphrase(seed),
            totp_secret=totp_secret(seed, one["login"]),
            agency=plan["agencies"][one["agency"]]["name"],
            role=", ".join(dict.fromkeys([*one.get("teams", {}).values(), *one.get("roles", ())])),
            team=", ".join(plan["teams"][team]["name"] for team in one.get("teams", {})),
        )
        for one in plan["people"]
    ]
    admin = plan["administrator"]
    secret = totp_secret(seed, admin["login"])
    return [
        *everybody,
        DemonstrationPerson(admin["name"], admin["login"], passphrase(seed), secret, plan["municipality"], "administrator", ""),
    ]

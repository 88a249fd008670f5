"""Attacks on who may read what: clones, longer and wider consents, withdrawals undone, blocks lifted, protection cleared.

A row that decides access stops the work when it does not carry its seal: a plain page, a line in the log, and never a planted text that
was not to be had before. Rows that are removed, or put back whole as they once were, are found by `audit verify`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from caseapp.access import Actor, Block, Permission, action, allow, session
from caseapp.cases.actions import add_related
from caseapp.cases.starting import NewRelated
from caseapp.consent.actions import withdraw_consent
from tests.attacks.attacker import Attacker, Stored
from tests.attacks.victim import Victim, incidents, verified
from tests.planted_texts import Plantation, may_see

CLONE = "c10e0000-0000-4000-8000-000000000001"


class Gatekeeper:
    """The rows that decide access, and what must hold when somebody meets an attack on one of them."""

    def __init__(self, attacker: Attacker, plantation: Plantation) -> None:
        self.attacker, self._plantation = attacker, plantation
        self.cases, self.municipality = plantation.cases, plantation.municipality

    def user(self, login: str) -> str:
        """The id of this person."""
        return self.municipality[login].id

    def consent(self, state: str) -> Stored:
        """The consent of the case in this state."""
        return self.attacker.row("consent", case_id=self.cases[state])

    def scope_of_school(self) -> Stored:
        """One line of what the school may take part of."""
        school = self.municipality.agencies["school"]
        return self.attacker.rows("consent_scope", consent_id=self.consent("active")["id"], agency_id=school)[0]

    def awaited(self) -> Stored:
        """A signature that is still missing."""
        return self.attacker.rows("consent_signature", case_id=self.cases["partly_signed"], decision="awaited")[0]

    def disclosure(self) -> Stored:
        """The decision to disclose to the police."""
        police = self.municipality.agencies["police"]
        return self.attacker.row("disclosure_decision", case_id=self.cases["disclosed"], to_agency_id=police)

    def participation(self, login: str, state: str = "active") -> Stored:
        """That this person takes part in the case."""
        return self.attacker.row("participation", case_id=self.cases[state], user_id=self.user(login))

    def membership(self, login: str) -> Stored:
        """This person's role in their team."""
        return self.attacker.row("membership", user_id=self.user(login))

    def lies_in(self, word: str, state: str) -> bool:
        """Whether this planted word lies in the case in this state."""
        return self._plantation.planted[word].state == state

    def gives_nothing_more(self, visitor: Victim, state: str) -> None:
        """What this person gets of the case is what the oracle grants, at most."""
        granted = {word for word, place in self._plantation.planted.items() if may_see(visitor.login, place)}
        seen = visitor.looks_everywhere(self.cases[state])
        assert seen <= granted, f"{visitor.login} got {len(seen - granted)} texts more"

    def stops(self, visitor: Victim, state: str, table: str, row_id: str) -> None:
        """The same; and the log names the row that stopped the work, and so does `audit verify`."""
        told = len(incidents())
        self.gives_nothing_more(visitor, state)
        assert (table, row_id) in {row for incident in incidents()[told:] for row in incident.rows}
        assert f"{table} {row_id} does not carry its seal" in verified()


@pytest.fixture
def gatekeeper(attacker: Attacker, plantation: Plantation) -> Gatekeeper:
    """Who knows the rows."""
    return Gatekeeper(attacker, plantation)


@action
def keep_out(actor: Actor, case_id: str, user_id: str) -> None:
    allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id)
    session().add(Block(case_id=case_id, user_id=user_id))


# -- clones -----------------------------------------------------------------------------------------------------------


def test_membership_cloned_for_another_user(gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: copy the coordinator's membership under a new id for the police of the other team. Must: nobody gets in by it."""
    petra = victim("petra")
    gatekeeper.attacker.put_in("membership", gatekeeper.membership("karin"), id=CLONE, user_id=gatekeeper.user("petra"))
    gatekeeper.stops(petra, "active", "membership", CLONE)


def test_participation_cloned_for_another_user(gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: copy the teacher's participation for somebody of the social services. Must: that person gets nothing."""
    samir = victim("samir")
    gatekeeper.attacker.put_in("participation", gatekeeper.participation("lena"), id=CLONE, user_id=gatekeeper.user("samir"))
    gatekeeper.stops(samir, "active", "participation", CLONE)


def test_participation_cloned_for_another_case(gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: copy a participation of the other team's officer into a case of this team. Must: the officer gets nothing."""
    petra = victim("petra")
    theirs = gatekeeper.participation("petra", "elsewhere")
    gatekeeper.attacker.put_in("participation", theirs, id=CLONE, case_id=gatekeeper.cases["active"])
    gatekeeper.stops(petra, "active", "participation", CLONE)


def test_consent_cloned_for_another_case(gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: copy a consent with its scope and signatures into a case without one. Must: it opens nothing there."""
    lena, attacker, consent = victim("lena"), gatekeeper.attacker, gatekeeper.consent("active")
    for table in ("consent_scope", "consent_signature"):
        for number, row in enumerate(attacker.rows(table, consent_id=consent["id"])):
            attacker.put_in(table, row, id=f"{CLONE[:-3]}{number:03}", case_id=gatekeeper.cases["none"], consent_id=CLONE)
    attacker.put_in("consent", consent, id=CLONE, case_id=gatekeeper.cases["none"])
    gatekeeper.stops(lena, "none", "consent", CLONE)


def test_scope_cloned_for_another_agency(gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: copy a line of a consent's scope for the police, whom it leaves out. Must: the police get nothing."""
    pontus, police = victim("pontus"), gatekeeper.municipality.agencies["police"]
    gatekeeper.attacker.put_in("consent_scope", gatekeeper.scope_of_school(), id=CLONE, agency_id=police)
    gatekeeper.stops(pontus, "active", "consent_scope", CLONE)


# -- one row edited ---------------------------------------------------------------------------------------------------

FAR = date(2099, 12, 31)
Find, Change = Callable[[Gatekeeper], Stored], Callable[[Gatekeeper], dict[str, Any]]

#: what is tried → (table, the row, the columns that are changed, who then looks, at which case)
EDITS: dict[str, tuple[str, Find, Change, str, str]] = {
    "an expired consent extended": ("consent", lambda g: g.consent("expired"), lambda g: {"valid_to": FAR}, "lena", "expired"),
    "a consent begun earlier": ("consent", lambda g: g.consent("active"), lambda g: {"valid_from": date(2020, 1, 1)}, "lena", "active"),
    "a withdrawal undone": ("consent", lambda g: g.consent("withdrawn"), lambda g: {"withdrawn_at": None}, "lena", "withdrawn"),
    "a consent moved to another case": (
        "consent",
        lambda g: g.consent("active"),
        lambda g: {"case_id": g.cases["none"]},
        "lena",
        "none",
    ),
    "a scope widened to another type": (
        "consent_scope",
        Gatekeeper.scope_of_school,
        lambda g: {"covered_type": "health"},
        "lena",
        "active",
    ),
    "a scope widened to another agency": (
        "consent_scope",
        Gatekeeper.scope_of_school,
        lambda g: {"agency_id": g.municipality.agencies["police"]},
        "pontus",
        "active",
    ),
    "a signature's decision changed": (
        "consent_signature",
        Gatekeeper.awaited,
        lambda g: {"decision": "given", "decided_on": date(2026, 1, 1)},
        "lena",
        "partly_signed",
    ),
    "a signature made unnecessary": (
        "consent_signature",
        Gatekeeper.awaited,
        lambda g: {"is_required": False},
        "lena",
        "partly_signed",
    ),
    "a disclosure widened to another type": (
        "disclosure_decision",
        lambda g: g.disclosure(),
        lambda g: {"covered_types": "identity,offences,plan,family"},
        "pontus",
        "disclosed",
    ),
    "a disclosure turned to another agency": (
        "disclosure_decision",
        lambda g: g.disclosure(),
        lambda g: {"to_agency_id": g.municipality.agencies["school"]},
        "lena",
        "disclosed",
    ),
    "a case moved to another team": (
        "gate",
        lambda g: g.attacker.row("gate", id=g.cases["active"]),
        lambda g: {"team_id": g.municipality.teams["soder"]},
        "rasmus",
        "active",
    ),
    "a case's home agency changed": (
        "gate",
        lambda g: g.attacker.row("gate", id=g.cases["active"]),
        lambda g: {"home_agency_id": g.municipality.agencies["police"]},
        "pontus",
        "active",
    ),
    "a participation given to another user": (
        "participation",
        lambda g: g.participation("lena"),
        lambda g: {"user_id": g.user("samir")},
        "samir",
        "active",
    ),
    "a membership moved to another team": (
        "membership",
        lambda g: g.membership("petra"),
        lambda g: {"team_id": g.municipality.teams["norr"]},
        "petra",
        "active",
    ),
    "a participant made coordinator": (
        "membership",
        lambda g: g.membership("pontus"),
        lambda g: {"role": "coordinator"},
        "pontus",
        "active",
    ),
    "an officer made to work at the school": (
        "user_account",
        lambda g: g.attacker.row("user_account", id=g.user("pontus")),
        lambda g: {"agency_id": g.municipality.agencies["school"]},
        "pontus",
        "active",
    ),
    "the rules of consent made unreadable": (
        "municipality",
        lambda g: g.attacker.row("municipality"),
        lambda g: {"settings_sealed": b""},
        "karin",
        "active",
    ),
}


@pytest.mark.parametrize("tried", EDITS)
def test_edited(tried: str, gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: edit one row that decides access, as named. Must: nobody gets more by it, the log and `audit verify` name the row."""
    table, find, change, login, state = EDITS[tried]
    visitor = victim(login)  # signed in before: some of these rows decide who may sign in
    row = find(gatekeeper)
    gatekeeper.attacker.rewrite(table, row["id"], **change(gatekeeper))
    if (table, tried) == ("gate", "a case moved to another team"):  # nobody of that team meets it: they do not take part
        gatekeeper.gives_nothing_more(visitor, state)
        visitor = victim("karin")
    gatekeeper.stops(visitor, state, table, row["id"])


# -- those who are kept out -------------------------------------------------------------------------------------------


def test_block_lifted(gatekeeper: Gatekeeper, victim: Callable[[str], Victim], actor: Callable[[str], Actor]) -> None:
    """Tries: mark a block as lifted, or point it at somebody else. Must: the blocked person stays out; `audit verify` names the row."""
    lena = victim("lena")
    assert _of_case(lena, gatekeeper, "active")
    keep_out(actor("karin"), gatekeeper.cases["active"], gatekeeper.user("lena"))
    block = gatekeeper.attacker.row("block")
    assert not _of_case(lena, gatekeeper, "active")
    gatekeeper.attacker.rewrite("block", block["id"], lifted=True)
    gatekeeper.stops(lena, "active", "block", block["id"])
    assert not _of_case(lena, gatekeeper, "active")


def test_block_pointed_at_somebody_else_or_removed(
    gatekeeper: Gatekeeper, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: hide a block where no query looks for it, or delete it. Must: `audit verify` names the row both times."""
    keep_out(actor("karin"), gatekeeper.cases["active"], gatekeeper.user("lena"))
    block = gatekeeper.attacker.row("block")
    gatekeeper.attacker.rewrite("block", block["id"], user_id="somebody else")
    assert verified() == [f"block {block['id']} does not carry its seal"]
    gatekeeper.attacker.remove("block", block["id"])
    assert verified() == [f"block {block['id']} is gone"]


def test_named_reader_added(gatekeeper: Gatekeeper, victim: Callable[[str], Victim], actor: Callable[[str], Actor]) -> None:
    """Tries: copy the one entry of a protected case's list for somebody else. Must: that person gets nothing."""
    case_id, lena = gatekeeper.cases["active"], victim("lena")
    add_related(actor("karin"), case_id, NewRelated(name="Skyddad Ek", role="relative", protected="skyddad_folkbokforing"))
    assert not _of_case(lena, gatekeeper, "active")
    listed = gatekeeper.attacker.row("named_reader", case_id=case_id)
    gatekeeper.attacker.put_in("named_reader", listed, id=CLONE, user_id=gatekeeper.user("lena"))
    gatekeeper.stops(lena, "active", "named_reader", CLONE)
    assert not _of_case(lena, gatekeeper, "active")


def test_protection_cleared(gatekeeper: Gatekeeper, victim: Callable[[str], Victim], actor: Callable[[str], Actor]) -> None:
    """Tries: clear the mark that a case's identities are protected. Must: whoever is not on its list stays out, and the work stops."""
    case_id, lena = gatekeeper.cases["active"], victim("lena")
    add_related(actor("karin"), case_id, NewRelated(name="Skyddad Ek", role="relative", protected="skyddad_folkbokforing"))
    gatekeeper.attacker.rewrite("gate", case_id, is_protected=False)
    gatekeeper.stops(lena, "active", "gate", case_id)
    assert not _of_case(lena, gatekeeper, "active")


def _of_case(visitor: Victim, gatekeeper: Gatekeeper, state: str) -> set[str]:
    return {word for word in visitor.looks_everywhere(gatekeeper.cases[state]) if gatekeeper.lies_in(word, state)}


# -- what the seals cannot tell ---------------------------------------------------------------------------------------


def test_withdrawal_undone_by_putting_the_consent_back_whole(
    gatekeeper: Gatekeeper, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: put a withdrawn consent back as it was before, seal and version included. Must: `audit verify` names every row of it."""
    case_id, attacker = gatekeeper.cases["active"], gatekeeper.attacker
    before = gatekeeper.consent("active")
    withdraw_consent(actor("karin"), case_id, before["id"], received_from="vårdnadshavaren", received_how="brev")
    withdrawal = attacker.row("consent_withdrawal", case_id=case_id)
    attacker.put_back("consent", before)
    attacker.remove("consent_withdrawal", withdrawal["id"])
    assert set(verified()) >= {
        f"consent {before['id']} is not version {before['version'] + 1}, which was written last",
        f"consent_withdrawal {withdrawal['id']} is gone",
    }


@pytest.mark.parametrize("table", ["gate", "participation", "membership", "consent", "consent_scope", "consent_signature", "user_account"])
def test_removed(table: str, gatekeeper: Gatekeeper, victim: Callable[[str], Victim]) -> None:
    """Tries: delete a row that decides access. Must: every page answers, nobody gets more, `audit verify` names the row."""
    lena, attacker = victim("lena"), gatekeeper.attacker
    where = {"gate": {"id": gatekeeper.cases["active"]}, "user_account": {"id": gatekeeper.user("karin")}}.get(
        table, {"user_id": gatekeeper.user("lena")} if table in ("participation", "membership") else {"case_id": gatekeeper.cases["active"]}
    )
    row = attacker.rows(table, **where)[0]
    attacker.remove(table, row["id"])
    gatekeeper.gives_nothing_more(lena, "active")
    assert f"{table} {row['id']} is gone" in verified()

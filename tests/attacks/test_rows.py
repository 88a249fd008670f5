"""Attacks on rows: open columns edited, rows put back as they were, rows removed, values of no kind.

The seal of a row tells that it was changed; the log, which holds the seal of every committed write, tells that a row is older than the
last write or gone. Between them nothing that a person wrote is changed without somebody hearing of it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases.actions import add_related, change_young, read_case
from caseapp.cases.consenting import ask_for_consent
from caseapp.cases.starting import NewPerson, NewRelated
from caseapp.db import DamagedRow
from tests.attacks.attacker import Attacker, Stored, flipped
from tests.attacks.victim import UNREADABLE, Victim, incidents, verified
from tests.planted_texts import Plantation

#: Every table of rows about a young person that decides nothing → a page of the case that reads them all.
OF_A_CASE = {
    "case_file": "/cases/{case}",
    "commitment": "/cases/{case}/plan",
    "goal": "/cases/{case}/plan",
    "intervention": "/cases/{case}/plan",
    "measure": "/cases/{case}/follow-up",
    "meeting_case": "/meetings/{meeting}",
    "note": "/cases/{case}/notes",
    "plan": "/cases/{case}/plan",
    "related_person": "/cases/{case}",
    "young_person": "/cases/{case}",
}


def a_row(attacker: Attacker, table: str, case_id: str) -> Stored:
    """The first row of this table in the case."""
    return attacker.rows(table, **({"id": case_id} if table == "case_file" else {"case_id": case_id}))[0]


def other(name: str, value: object) -> object:
    """Another value of the same kind for a column; None where the column is left alone."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case datetime() | date():
            return value + timedelta(days=400)
        case bytes():
            return flipped(value)
        case str():
            return ("0" if value[:1] != "0" else "1") + value[1:]
    return datetime(2026, 1, 1, tzinfo=UTC) if name.endswith("_at") else None


@pytest.mark.parametrize("table", OF_A_CASE)
def test_any_column_edited(table: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: edit each column of a row in turn, open or sealed. Must: the page goes on, the row is met as damaged, nothing new is seen."""
    case_id, karin = plantation.cases["active"], victim("karin")
    page = OF_A_CASE[table].format(case=case_id, meeting=attacker.row("meeting", case_id=case_id)["id"])

    def seen() -> set[str]:
        return plantation.found_in(karin.goes_to(page).content)

    before, written = seen(), a_row(attacker, table, case_id)
    for name, value in written.items():
        changed = other(name, value)
        if changed is None or name in ("id", "case_id", "meeting_id"):  # the row is then elsewhere, and missed here: see the removed rows
            continue
        attacker.rewrite(table, written["id"], **{name: changed})
        told = len(incidents())
        assert seen() <= before, name
        assert (table, written["id"]) in {row for incident in incidents()[told:] for row in incident.rows}, name
        attacker.rewrite(table, written["id"], **{name: value})
    assert seen() == before


@pytest.mark.parametrize("table", OF_A_CASE)
def test_row_removed_or_moved_away(table: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: delete a row, or give it another id. Must: every page answers, the other cases go on, `audit verify` names the row."""
    case_id, karin = plantation.cases["active"], victim("karin")
    written = a_row(attacker, table, case_id)
    attacker.remove(table, written["id"])
    karin.looks_everywhere(case_id)
    assert f"{table} {written['id']} is gone" in verified()
    attacker.put_in(table, written, id="c0b1e5c0-0000-4000-8000-000000000003")
    karin.looks_everywhere(case_id)
    assert f"{table} {written['id']} is gone" in verified()
    words = {word for word, place in plantation.planted.items() if (place.state, place.owner) == ("none", "social_services")}
    assert len(karin.looks_everywhere(plantation.cases["none"]) & words) > 20
    assert "Ärenden" in karin.goes_to("/cases").says


def test_name_put_back_as_it_was(
    attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: put a whole row back as it was before a change, its old seal included. Must: `audit verify` names the row."""
    case_id = plantation.cases["active"]
    older = attacker.row("young_person", case_id=case_id)
    change_young(actor("karin"), case_id, NewPerson(name="Alva Nyman", sex="f", born=date(2012, 3, 4)))
    newer = attacker.row("young_person", case_id=case_id)
    attacker.put_back("young_person", older)
    assert victim("karin").goes_to(f"/cases/{case_id}").status == 200
    assert verified() == [f"young_person {older['id']} is not version {newer['version']}, which was written last"]


def test_older_sealed_value_put_back_into_its_own_place(
    attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: put only the name back that once stood here, which opens in its place. Must: it cannot be read."""
    case_id = plantation.cases["active"]
    older = attacker.row("young_person", case_id=case_id)
    change_young(actor("karin"), case_id, NewPerson(name="Alva Nyman", sex="f", born=date(2012, 3, 4)))
    attacker.rewrite("young_person", older["id"], name_sealed=older["name_sealed"])
    assert UNREADABLE in victim("karin").goes_to(f"/cases/{case_id}").says


def test_corrections_that_point_at_each_other(attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: let two notes each claim to correct the other, so that following them never ends. Must: the page answers."""
    case_id = plantation.cases["active"]
    first, second = attacker.rows("note", case_id=case_id, information_type="family")[:2]
    attacker.rewrite("note", first["id"], replaces_id=second["id"])
    attacker.rewrite("note", second["id"], replaces_id=first["id"])
    assert UNREADABLE in victim("karin").goes_to(f"/cases/{case_id}/notes").says


SEALED_COLUMN_OF_CUSTODIAN = {"answers_sealed": "bit", "ended_on": date(2026, 1, 1), "information_type": "family"}


@pytest.mark.parametrize("column", SEALED_COLUMN_OF_CUSTODIAN)
def test_custodian_made_unreadable_so_that_nobody_asks_them(
    column: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: damage a custodian's row, so that a new consent needs one signature less. Must: no consent can be asked for."""
    case_id, municipality = plantation.cases["none"], plantation.municipality
    custodian = attacker.rows("related_person", case_id=case_id, information_type="identity")[0]
    value = SEALED_COLUMN_OF_CUSTODIAN[column]
    attacker.rewrite("related_person", custodian["id"], **{column: flipped(custodian[column]) if value == "bit" else value})
    before = attacker.everything("consent", "consent_signature", "consent_scope")
    with pytest.raises(DamagedRow, match="who must sign cannot be told"):
        ask_for_consent(
            actor("karin"),
            case_id,
            agency_ids=[municipality.agencies["school"]],
            types=["attendance"],
            valid_from=date.today(),  # noqa: DTZ011 - any day of the near past
            valid_to=date.today() + timedelta(days=30),  # noqa: DTZ011
            purpose="sspf_cooperation",
        )
    assert attacker.everything(*before) == before
    assert ("related_person", custodian["id"]) in incidents()[-1].rows


def test_protection_damaged_so_that_an_ordinary_save_lifts_it(
    attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: damage the row that says a relative's identity is protected, and wait for a save. Must: the case stays protected."""
    case_id, karin = plantation.cases["active"], actor("karin")
    protected = add_related(karin, case_id, NewRelated(name="Skyddad Ek", role="relative", protected="skyddad_folkbokforing"))
    assert attacker.row("gate", id=case_id)["is_protected"]
    attacker.rewrite("related_person", protected, created_by_id="somebody else")
    add_related(karin, case_id, NewRelated(name="Någon Annan", role="relative"))
    assert attacker.row("gate", id=case_id)["is_protected"]
    assert "Alva" not in victim("lena").goes_to("/cases").says


def test_values_that_are_none(attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: write what is no day, no moment, no text into a note (SQLite), or a day without end (PostgreSQL). Must: the page answers."""
    case_id, karin = plantation.cases["active"], victim("karin")
    note = attacker.rows("note", case_id=case_id, information_type="family")[0]
    nonsense = {
        "sqlite": [
            "occurred_on = 'no day'",
            "created_at = x'00ff'",
            "version = 'x'",
            "information_type = x'07'",
            "owner_agency_id = CAST(x'ff' AS TEXT)",
        ],
        "postgresql": ["occurred_on = 'infinity'", "created_at = '-infinity'", "created_at = '4713-01-01 00:00 BC'"],
    }
    for spoiled in nonsense[attacker.kind]:
        attacker.carry_out(f"UPDATE note SET {spoiled} WHERE id = :id", id=note["id"])
        answer = karin.goes_to(f"/cases/{case_id}/notes")
        assert answer.status == 403 or UNREADABLE in answer.says, spoiled
        assert karin.goes_to(f"/cases/{plantation.cases['none']}/notes").status == 200
        attacker.rewrite("note", note["id"], **note)


def test_other_cases_when_one_is_damaged(attacker: Attacker, plantation: Plantation, actor: Callable[[str], Actor]) -> None:
    """Tries: damage every row of one case that decides nothing. Must: the case opens with what is left, and the others are whole."""
    case_id, karin = plantation.cases["active"], actor("karin")
    whole = read_case(karin, plantation.cases["none"])
    for table in OF_A_CASE:
        for row in attacker.rows(table, **({"id": case_id} if table == "case_file" else {"case_id": case_id})):
            attacker.rewrite(table, row["id"], created_by_id="somebody else")
    read_case(karin, case_id)
    assert read_case(karin, plantation.cases["none"]).bar.name == whole.bar.name

"""Attacks that hope for a save: a damaged row must not be written over, since what happened to it must stay to be seen.

Every form that changes a row about a young person is filled in and sent after the row behind it was damaged. Whatever the form shows, the
answer is a sentence, what was typed is on the page, and nothing in the database is another than before.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.attacks.attacker import Attacker, Stored, flipped
from tests.attacks.victim import Victim, incidents
from tests.planted_texts import Plantation

READ_ONLY = "Uppgiften är skadad och kan inte ändras"
WRITTEN = ("case_file", "young_person", "related_person", "plan", "goal", "commitment", "intervention", "measure", "outcome", "gate")
#: table → the page of its form, and what is typed
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "case_file": ("/cases/{case}/facts", {"status": "mapping", "referral_source": "school"}),
    "young_person": ("/cases/{case}/young-person", {"name": "Ny Namnsson", "id_kind": "none", "born": "2012-03-04"}),
    "related_person": ("/cases/{case}/people/{row}", {"name": "Ny Namnsson"}),
    "plan": ("/cases/{case}/plan/head", {"text": "Ny text"}),
    "goal": ("/cases/{case}/plan/goals/{row}", {"text": "Ny text"}),
    "commitment": ("/cases/{case}/plan/commitments/{row}/edit", {"text": "Ny text"}),
    "intervention": ("/cases/{case}/plan/support/{row}", {"text": "Ny text"}),
    "measure": ("/cases/{case}/mapping/edit", {"text": "Ny text"}),
}


@pytest.mark.parametrize("table", FORMS)
@pytest.mark.parametrize("spoiled", ["a sealed value", "an open column"])
def test_saving_over_what_was_damaged(
    table: str, spoiled: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]
) -> None:
    """Tries: damage a row, and wait until somebody saves another one in its place. Must: refused with a sentence, nothing changes."""
    case_id, karin = plantation.cases["active"], victim("karin")
    rows = _of_her_agency(attacker, table, case_id, plantation)  # all of them: which measure is the mapping is sealed
    column = next(name for name in rows[0] if name.endswith("_sealed"))
    for row in rows:
        change = {column: flipped(row[column])} if spoiled == "a sealed value" else {"created_by_id": "somebody else"}
        attacker.rewrite(table, row["id"], **change)
    form, typed = FORMS[table]
    page = form.format(case=case_id, row=rows[0]["id"])
    before = attacker.everything(*WRITTEN)
    told = len(incidents())
    answer = karin.sends(_needed(karin, page, typed), on=page)
    assert attacker.everything(*WRITTEN) == before
    assert answer.status == 403, answer.says
    assert READ_ONLY in answer.says
    assert {(table, row["id"]) for row in rows} & {where for incident in incidents()[told:] for where in incident.rows}


def _of_her_agency(attacker: Attacker, table: str, case_id: str, plantation: Plantation) -> list[Stored]:
    """The rows of this table that belong to the coordinator's agency."""
    home = plantation.municipality.agencies["social_services"]
    where = {"id": case_id} if table == "case_file" else {"case_id": case_id, "owner_agency_id": home}
    return attacker.rows(table, **where)


def _needed(visitor: Victim, page: str, typed: dict[str, Any]) -> dict[str, Any]:
    """What is typed, and the first choice for every field that a damaged row leaves without one."""
    visitor.goes_to(page)
    chosen: dict[str, Any] = {}
    assert visitor.browser.page is not None
    for field in visitor.browser.page.all("select"):
        options = list(field.iter("option"))
        if not any(option.get("selected") is not None for option in options):
            chosen[field.get("name", "")] = options[min(1, len(options) - 1)].get("value", "")
    radios: dict[str, list[Any]] = {}
    for field in visitor.browser.page.all("input"):
        if field.get("type") == "radio":
            radios.setdefault(field.get("name", ""), []).append(field)
    for name, fields in radios.items():
        if not any(field.get("checked") is not None for field in fields):
            chosen[name] = fields[0].get("value", "")
    return {name: value for name, value in chosen.items() if name != "lang"} | typed

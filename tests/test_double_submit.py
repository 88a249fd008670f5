"""A form that is sent twice is carried out once: each form about a case is sent twice as a double click does, and nothing is stored anew.

Which views ask for a form's key is read off their source besides: one that does not says here why its form cannot be carried out twice.
"""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from caseapp.access import Actor
from caseapp.cases.consenting import ask_for_consent
from caseapp.cases.notes import add_note
from caseapp.db import Base
from caseapp.formats import clock
from caseapp.plans import actions as plans
from tests.municipality import Municipality
from tests.pages import PageClient, form_values
from tests.shared_case import case_id  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parent.parent / "caseapp"
_SETS = "sets something to a value: the second time it is so already"
_STATE = "moves something on from a state that it is not in any more the second time"
_READS = "changes nothing"
_VERSION = "carries the version of what it changes, which is another one the second time"
#: Views with a form whose key they do not ask for, each with the reason.
WITHOUT_KEY = {
    "accounts.views.invitations._choose_password": "keeps the choice in the session, in place of an earlier one",
    "accounts.views.invitations.invitation": "an invitation is taken once",
    "accounts.views.log.log": _READS,
    "accounts.views.own_account.change_password": "the current password is another one the second time",
    "accounts.views.signing_in.prove": "a code is taken once",
    "accounts.views.signing_in.sign_in": "begins the second step of signing in, whose code is taken once",
    "accounts.views.signing_in.sign_in_code": "a code is taken once",
    **dict.fromkeys((f"accounts.views.settings.{name}" for name in ("municipality", "agency", "team")), _VERSION),
    "accounts.views.people.person": _VERSION,
    "cases.views.listing.search": _READS,
    "cases.views.printing.before_paper": "leads to the paper, which says that it was printed each time",
    "cases.views.sharing.informed": _SETS,
    "emergency.views.begin": "an opening that is running goes on; the code is taken once",
    "erasure.views.profile": _SETS,
    **dict.fromkeys((f"importing.views.{step}" for step in ("sheet", "columns", "values", "check")), _SETS),
    "members.views.move": _STATE,
    "review.views.queue": "a month's list is made once",
    "review.views.settings": _SETS,
    **dict.fromkeys((f"statistics.views.{name}" for name in ("ask_recall", "reject")), _STATE),
}
#: Written anew by every request, or told of each refusal.
_TRACES = {"audit_entry", "sign_in_session", "failed_sign_in"}


def views_with_forms() -> dict[str, bool]:
    """Each function that validates a form → whether it, or one it hands the saving to, asks for the form's key."""
    found = {}
    for path in sorted([*ROOT.glob("*/views.py"), *ROOT.glob("*/views/*.py")]):
        room = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
            calls = {node.func.attr for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
            if "validate_on_submit" in calls or ("validate" in calls and "once_key" in calls):
                found[f"{room}.{function.name}"] = "once_key" in calls
    return found


def test_every_view_asks_for_its_forms_key_or_says_why_it_need_not() -> None:
    without = {view for view, asks in views_with_forms().items() if not asks}
    # a function of its own saves, with the key
    handed_on = {"plans.views.plan._asked", "cases.views.new_case.new_case", "documents.views.new_document"}
    assert without - handed_on == set(WITHOUT_KEY)


def test_each_form_about_a_case_that_is_sent_twice_is_carried_out_once(
    case_id: str,  # noqa: F811
    app: Flask,
    actor: Callable[[str], Actor],
    municipality: Municipality,
    signed_in: Callable[[str], PageClient],
) -> None:
    karin, day, school = actor("karin"), clock.today(), municipality.agencies["school"]
    case = f"/cases/{case_id}"
    note = add_note(karin, case_id, information_type="assessment", text="Borta tre dagar.")
    commitment = plans.add_commitment(karin, case_id, agency_id=karin.agency_id, text="Ringa hem")
    consent = ask_for_consent(
        karin, case_id, agency_ids=[school], types=["plan"], without=(), valid_from=day, valid_to=day,
        purpose="sspf_cooperation", language="sv", informed_on=day, informed_by="Karin",
    )  # fmt: skip
    forms: dict[str, dict[str, Any]] = {
        f"{case}/notes/new": {"text": "Ett", "information_type": "assessment"},
        f"{case}/notes/{note}": {"text": "Borta två dagar.", "reason": "Fel."},
        f"{case}/facts": {"status": "mapping", "referral_source": "police"},
        f"{case}/people/new": {"name": "Per Lind", "role": "custodian"},
        f"{case}/plan/head": {"text": "Trygg i skolan"},
        f"{case}/plan/goals/new": {"domain": "school", "text": "Närvaro"},
        f"{case}/plan/commitments/new": {"text": "Mentorssamtal", "by": school},
        f"{case}/plan/commitments/{commitment}": {"status": "ongoing", "text": "Två samtal."},
        f"{case}/plan/support/new": {"type": "school_attendance", "focus": "school", "by": school},
        f"{case}/mapping/edit": {"need_school": "2", "text": "Ett"},
        f"{case}/follow-up/new/during": {"need_school": "1", "text": "Två"},
        f"{case}/remarks/{note}/new": {"what": "youth", "text": "Jag var hemma."},
        f"{case}/consent/new": {"types": ["plan"], "agencies": [school], "purpose": "sspf_cooperation"},
        f"{case}/consent/{consent}/withdraw": {"received_from": "Mona Lind", "received_how": "phone"},
        f"{case}/meetings/new": {"kind": "network", "day": "idag", "hour": "13.00"},
    }
    browser, twice = signed_in("karin"), {}
    for address, answers in forms.items():
        browser.get(address)
        page = browser.page
        assert page is not None
        form = next(form for form in page.forms() if set(answers) <= set(form_values(form)) | {e.get("name", "") for e in form.iter()})
        sent = form_values(form) | answers
        first = browser.post(form.get("action") or address, data=sent)
        assert first.status_code == 303, (address, first.status_code, browser.page.text())
        before = rows(app)
        second = browser.post(form.get("action") or address, data=sent)
        assert second.status_code == 303, (address, second.status_code)
        if rows(app) != before:
            twice[address] = {table: count for table, count in rows(app).items() if count != before[table]}
    assert not twice


def rows(app: Flask) -> dict[str, int]:
    with app.extensions["caseapp.database"].engine.connect() as connection:
        tables = [table.name for table in Base.metadata.sorted_tables if table.name not in _TRACES]
        return {table: int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()) for table in tables}

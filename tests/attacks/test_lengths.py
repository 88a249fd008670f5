"""Attacks that only look: what the length of a sealed value, or its absence, says about an answer.

The sizes that may be seen are classes: one for coded answers, powers of two from 32 to 4096 bytes for text, then multiples of 4096. The
longest answers are made here from the code lists themselves, so that a new code that needs another class is noticed.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from caseapp import codelists
from caseapp.access import BreakGlass, Draft
from caseapp.cases.models import Case, RelatedPerson, Remark, YoungPerson
from caseapp.codelists.grounds import written_grounds
from caseapp.consent.models import DisclosureDecision
from caseapp.db import Base, CaseRow, Row, bound_database, new_id, opened, transaction
from caseapp.db.rows import sealed_attributes
from caseapp.documents.models import Document
from caseapp.followup.experience import GUARDIAN, YOUTH, statements
from caseapp.followup.models import DomainRow, Measure, Outcome
from caseapp.followup.rules import DOMAIN_TYPES
from caseapp.plans.models import Commitment, CommitmentReport, Goal, Intervention, Plan, PlanAgreement, PlanVersion, PlanVersionItem
from caseapp.rights.models import RegisterExtract, WithheldItem
from tests.attacks.attacker import Attacker
from tests.attacks.victim import Victim
from tests.planted_texts import Plantation

ENVELOPE = 1 + 12 + 16  # version, nonce, tag
CODES = 512  # the class of every record of coded answers about a young person
TEXT = {32, 64, 128, 256, 512, 1024, 2048}
DAY = "2026-09-15"


def every_model() -> list[type[Row]]:
    """Every model with sealed attributes."""
    return [m.class_ for m in Base.registry.mappers if issubclass(m.class_, Row) and sealed_attributes(m.class_)]


def is_class(size: int) -> bool:
    """Whether a sealed value may be this long."""
    inside = size - ENVELOPE
    return inside in TEXT or (inside >= 4096 and inside % 4096 == 0)


def each(key: str, name: str) -> Iterator[dict[str, Any]]:
    """Every answer there is to one question with one choice."""
    return ({key: code} for code in codelists.codelist(name))


def some_and_all(key: str, name: str) -> Iterator[dict[str, Any]]:
    """None, one, … all answers to a question with several choices."""
    codes = list(codelists.codelist(name))
    return ({key: codes[:count]} for count in range(len(codes) + 1))


def longest(**lists: str) -> dict[str, Any]:
    """The longest answer to every one of these questions at once."""
    return {key: DAY if name == "day" else max(codelists.codelist(name), key=len) for key, name in lists.items()}


def domains(kind: str, name: str) -> Iterator[dict[str, Any]]:
    """No domain, every single answer for each domain of this information type, and the longest for all."""
    here = [domain for domain in codelists.codelist("NeedDomain") if DOMAIN_TYPES.get(domain, "") == kind]
    answer = max(codelists.codelist(name), key=len)
    return chain([{}], ({domain: code} for domain in here for code in codelists.codelist(name)), [dict.fromkeys(here, answer)])


PARTS = {name: "" if name == "domains" else name.removeprefix("domains_") for name in sealed_attributes(DomainRow)}
EXPERIENCE = {
    who: {item: longest(x="Agree5")["x"] for item in statements(name)} for who, name in (("youth", YOUTH), ("guardian", GUARDIAN))
}
#: attribute → everything it may hold, from nothing to the longest
ANSWERS: dict[tuple[type[CaseRow], str], list[Any]] = {
    (Case, "answers"): [
        *each("referral_source", "ReferralSource"),
        *({**longest(referral_source="ReferralSource"), **some} for some in some_and_all("concerns", "Concern")),
    ],
    (Case, "progress"): [*each("status", "CaseStatus"), longest(before="CaseStatus") | {"noted_at": f"{DAY}T08:00:00.123456+00:00"}],
    (Case, "closure"): [{}, *each("reason", "ClosureReason")],
    (YoungPerson, "answers"): [
        *each("sex", "Sex"),
        *each("id_type", "IdType"),
        *each("protected", "ProtectedStatus"),
        {"born": None},
        longest(sex="Sex", born="day", id_type="IdType", protected="ProtectedStatus"),
    ],
    (RelatedPerson, "answers"): [
        *each("role", "RelatedRole"),
        *each("protected", "ProtectedStatus"),
        longest(role="RelatedRole", protected="ProtectedStatus") | {"custodian": False},
    ],
    (Measure, "answers"): [
        {},
        *each("risk", "RiskLevel"),
        *some_and_all("protective", "ProtectiveFactor"),
        longest(phase="Phase", risk="RiskLevel", occupation="Occupation")
        | {"protective": list(codelists.codelist("ProtectiveFactor")), "responsivity": list(codelists.codelist("Responsivity"))}
        | {"instrument": longest(code="Instrument", date="day", level="RiskLevel")},
    ],
    (Measure, "schooling"): [{}, *each("attendance", "AttendanceBand")],
    **{(Measure, part): list(domains(kind, "NeedLevel")) for part, kind in PARTS.items()},
    **{(Outcome, part): list(domains(kind, "Change")) for part, kind in PARTS.items()},
    (Outcome, "answers"): [{}, EXPERIENCE],
    (Document, "answers"): [
        {"kind": kind, "media": media, "length": length, "pieces": pieces, "consent": about}
        for kind in codelists.codelist("DocumentKind")
        for media, about in (("pdf", new_id()), ("docx", ""))
        for length, pieces in ((1, 1), (10 * 2**20, 10))
    ],
    (Draft, "answers"): [
        {"path": f"/cases/{new_id()}/notes/new", "owner": "own", "kind": ""},
        {"path": "/" + 299 * "x", "owner": new_id(), "kind": max(codelists.codelist("InformationType"), key=len)},
    ],
    (Plan, "answers"): [{}, longest(agreed_youth="day", agreed_guardians="day")],
    (DisclosureDecision, "details"): [{"ground": code, "informed_on": day} for code in written_grounds() for day in (None, DAY)],
    (Remark, "answers"): [*each("kind", "RemarkKind"), *each("voice", "RemarkVoice"), longest(kind="RemarkKind", voice="RemarkVoice")],
    (WithheldItem, "answers"): [{"item": new_id(), "ground": code} for code in codelists.codelist("WithholdingGround")],
    (BreakGlass, "outcome"): [{}, *each("verdict", "EmergencyAssessment")],
    (RegisterExtract, "answers"): [
        {"asker": asker, "identified_by": check, "language": "sv", "withheld": 12}
        for asker in ("", new_id())
        for check in codelists.codelist("IdentityCheck")
    ],
    (Goal, "answers"): [
        *each("domain", "NeedDomain"),
        *each("attainment", "Attainment"),
        longest(domain="NeedDomain", attainment="Attainment", assessed_on="day"),
    ],
    (Commitment, "answers"): [
        *each("status", "CommitmentStatus"),
        *each("actor", "Actor"),
        longest(status="CommitmentStatus", actor="Actor"),
    ],
    (CommitmentReport, "answers"): list(each("status", "CommitmentStatus")),
    (Intervention, "answers"): [
        *each("type", "InterventionType"),
        longest(type="InterventionType", focus="NeedDomain", actor="Actor", legal_form="LegalForm", intensity="Intensity")
        | longest(started_on="day", ended_on="day", as_planned="YesNoUnknown"),
    ],
    (PlanVersion, "answers"): [{}, longest(review_on="day")],
    (PlanVersionItem, "answers"): [
        {},
        longest(type="InterventionType", focus="NeedDomain", actor="Actor", legal_form="LegalForm", intensity="Intensity")
        | longest(started_on="day", ended_on="day", as_planned="YesNoUnknown")
        | {"is_current": False},
        longest(domain="NeedDomain", attainment="Attainment", assessed_on="day") | {"is_current": False},
        longest(status="CommitmentStatus", actor="Actor", due_on="day") | {"is_current": False},
    ],
    (PlanAgreement, "answers"): [
        *each("decision", "PlanDecision"),
        longest(decision="PlanDecision", on="day", how="PlanAgreedHow"),
    ],
}


@pytest.mark.parametrize("where", ANSWERS, ids=lambda where: f"{where[0].__tablename__}.{where[1]}")
def test_length_of_a_coded_answer(where: tuple[type[CaseRow], str], app: Flask, plantation: Plantation) -> None:
    """Tries: tell answers apart by the length of what is stored. Must: all answers to one question are equally long, no answer too."""
    model, name = where
    case_id, agency = plantation.cases["active"], plantation.municipality.agencies["social_services"]
    with transaction():
        keys = [(agency, kind) for kind in {*codelists.codelist("InformationType"), model.INFORMATION_TYPE} if kind]
        opened.get().open(bound_database().keyholder.hand_out({case_id: keys}))  # type: ignore[union-attr]
        kind = {} if model.INFORMATION_TYPE else {"information_type": "assessment"}
        row = model(id=new_id(), case_id=case_id, owner_agency_id=agency, created_by_id="somebody", **kind)
        sizes = set()
        for answer in ANSWERS[where]:
            setattr(row, name, answer)
            sizes.add(len(getattr(row, f"{name}_sealed")))
    assert sizes == {ENVELOPE + CODES}


def test_every_kind_of_coded_answer_is_looked_at() -> None:
    """Tries: find a record of coded answers that nobody thought of. Must: every one about a young person is in the list above."""
    held = {
        (model, name)
        for model in every_model()
        if issubclass(model, CaseRow)
        for name in sealed_attributes(model)
        if _holds_codes(model, name)
    }
    # how a paper was signed, which items of a plan were handed out: no answer of the young person's; looked at as stored, below
    elsewhere = {"consent", "consent_signature", "sharing_act", "meeting_case"}
    assert {where for where in held - set(ANSWERS) if where[0].__tablename__ not in elsewhere} == set()


def test_lengths_of_everything_stored(attacker: Attacker, plantation: Plantation) -> None:
    """Tries: measure every sealed value of every table. Must: each is of a length class, all coded answers of the same."""
    seen = 0
    for model in every_model():
        for row in attacker.rows(model.__tablename__):
            for name in sealed_attributes(model):
                size = len(row[f"{name}_sealed"])
                assert is_class(size), f"{model.__tablename__}.{name}: {size}"
                if issubclass(model, CaseRow) and _holds_codes(model, name):
                    assert size == ENVELOPE + CODES, f"{model.__tablename__}.{name}: {size}"
                seen += 1
    assert seen > 800


def test_presence(attacker: Attacker) -> None:
    """Tries: tell by NULL who left an optional question unanswered. Must: no sealed column can be NULL, in any table."""
    found = inspect(attacker._data)
    for model in every_model():
        nullable = {column["name"]: column["nullable"] for column in found.get_columns(model.__tablename__)}
        for name in sealed_attributes(model):
            assert nullable[f"{name}_sealed"] is False, f"{model.__tablename__}.{name}"
            assert model.__table__.c[f"{name}_sealed"].nullable is False


@pytest.mark.parametrize("form", ["facts", "young-person"])
def test_empty_and_filled_in_through_a_form(
    form: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]
) -> None:
    """Tries: compare what is stored before and after optional fields are filled in. Must: the sizes are the same."""
    case_id, karin = plantation.cases["none"], victim("karin")
    table, filled = {
        "facts": ("case_file", {"concerns": list(codelists.codelist("Concern")), "referral_source": "school", "status": "mapping"}),
        "young-person": ("young_person", {"phone": "070-174 06 05", "address": ""}),
    }[form]
    where = {"id": case_id} if table == "case_file" else {"case_id": case_id}

    def sizes() -> dict[str, int]:
        return {name: len(value) for name, value in attacker.row(table, **where).items() if name.endswith("_sealed")}

    before, version = sizes(), attacker.row(table, **where)["version"]
    karin.sends(filled, on=f"/cases/{case_id}/{form}")
    after = attacker.row(table, **where)
    assert after["version"] > version, "the form was not taken"
    assert sizes() == before
    karin.sends({"concerns": []} if form == "facts" else {"phone": ""}, on=f"/cases/{case_id}/{form}")
    assert attacker.row(table, **where)["version"] > after["version"]
    assert sizes() == before


def test_days_are_in_the_open_only_where_the_work_lists_need_them() -> None:
    """Tries: find a column about a young person that could hold a text and is not sealed. Must: there is none."""
    codes = {("disclosure_decision", "covered_types"), ("sharing_act", "covered_types")}  # of information types, as a consent's scope
    allowed = (str, int, bool, date)
    for model in every_model():
        if issubclass(model, CaseRow):
            for column in model.__table__.columns:
                open_text = column.type.python_type is str and (column.type.length or 10**6) > 36  # type: ignore[attr-defined]
                known = column.key.endswith("_sealed") or (model.__tablename__, column.key) in codes
                assert known or not open_text, f"{model.__tablename__}.{column.key} could hold a text"
                assert issubclass(column.type.python_type, (*allowed, bytes)), f"{model.__tablename__}.{column.key}"


def _holds_codes(model: type[Row], name: str) -> bool:
    return any(vars(kind)[name]._holds_codes for kind in model.__mro__ if name in vars(kind))

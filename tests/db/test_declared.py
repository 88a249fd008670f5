"""Each column is sealed, signed or open, and each table decides access or not, by decision: a new one fails until it is declared."""

import inspect as python
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, inspect

from caseapp.audit.models import TOLD
from caseapp.db import Base, CaseRow, OfficeRow, PassingRow, Row
from caseapp.db.rows import row_seal, sealed_attributes
from caseapp.web.rooms import BLUEPRINTS

#: Tables whose rows decide who may read, sign in, or what leaves the house: an edited row stops the work.
DECIDES_ACCESS = {
    "agency", "attendance", "block", "break_glass", "consent", "consent_rule_set", "consent_scope", "consent_signature",
    "consent_withdrawal", "disclosure_decision", "erasure_decision", "gate", "invitation", "leave_of_absence", "legal_hold", "meeting",
    "membership", "membership_proposal", "municipality", "named_reader", "outside_release", "participation", "person_reader",
    "recall", "release", "rounded_table", "team", "team_agency", "user_account",
    "case_import", "imported_case",
}  # fmt: skip
#: Tables whose edited rows show "kan inte läsas" and cannot be saved, or are forgotten.
DECIDES_NOTHING = {
    "block_reason", "calendar_feed", "case_file", "commitment", "commitment_report", "document", "document_piece", "draft",
    "failed_sign_in", "goal", "imported_list", "intervention", "measure", "meeting_case", "note", "outcome", "plan", "plan_agreement",
    "plan_version", "plan_version_item", "preparation", "register_extract", "related_person", "remark", "reminder", "review_item",
    "review_month", "review_question", "sharing_act", "sign_in_session", "submission", "withheld_item", "young_person",
}  # fmt: skip
#: Columns that carry no row seal, each with its reason.
OPEN = {
    "audit_entry": {**dict.fromkeys(TOLD, "under the chain's MAC"), "mac": "the chain's MAC itself"},
    "case_number_series": dict.fromkeys(("year", "last"), "a counter: two cases with one number are refused by the case's own table"),
}
#: Tables written without an entry in the log each time.
NOT_IN_THE_LOG = {"sign_in_session", "failed_sign_in", "preparation"}


def models() -> list[Any]:
    """Every model of the application, by the table's name."""
    assert BLUEPRINTS  # every room is imported
    found = [mapper.class_ for mapper in Base.registry.mappers]
    return sorted((m for m in found if python.getmodule(m).__name__.startswith("caseapp.")), key=lambda model: model.__tablename__)


def columns() -> Iterator[tuple[Any, Column[Any]]]:
    return ((model, column) for model in models() for column in inspect(model).columns)


def test_every_column_is_sealed_signed_or_declared_open() -> None:
    undeclared = set()
    for model, column in columns():
        is_signed = issubclass(model, Row) and column.name != "row_seal"
        is_the_seal = issubclass(model, Row) and column.name == "row_seal"
        if not is_signed and not is_the_seal and column.name not in OPEN.get(model.__tablename__, {}):
            undeclared.add(f"{model.__tablename__}.{column.name}")
    assert not undeclared, "give the row a seal, or declare the column open with its reason"
    assert not {f"{t}.{c}" for t, names in OPEN.items() for c in names} - {f"{m.__tablename__}.{c.name}" for m, c in columns()}


def test_what_looks_sealed_is_sealed_and_never_absent() -> None:
    """A column of bytes in a row is the ciphertext of a sealed attribute, or the seal; none may be NULL, for absence tells something."""
    for model, column in columns():
        if issubclass(model, Row) and isinstance(column.type, LargeBinary) and column.name != "row_seal":
            assert column.name.removesuffix("_sealed") in sealed_attributes(model), f"{model.__tablename__}.{column.name}"
            assert not column.nullable, f"{model.__tablename__}.{column.name}"


def test_every_row_of_a_case_and_of_the_office_is_a_sealed_row() -> None:
    assert {model for model in models() if not issubclass(model, Row)} == {
        model for model in models() if model.__tablename__ in OPEN
    }
    sealed_rows = (CaseRow, OfficeRow, PassingRow)
    assert all(issubclass(model, sealed_rows) for model in models() if issubclass(model, Row) and sealed_attributes(model))


def test_somebody_decided_of_every_table_whether_its_rows_decide_access() -> None:
    found = {model.__tablename__: model.DECIDES_ACCESS for model in models() if issubclass(model, Row)}
    assert {table for table, decides in found.items() if decides} == DECIDES_ACCESS & set(found)
    assert {table for table, decides in found.items() if not decides} == DECIDES_NOTHING & set(found)
    assert set(found) <= DECIDES_ACCESS | DECIDES_NOTHING


def test_every_row_but_sessions_failed_attempts_and_signs_of_life_stands_in_the_log() -> None:
    assert {model.__tablename__ for model in models() if issubclass(model, Row) and not model.IS_KEPT} == NOT_IN_THE_LOG


@pytest.mark.parametrize("model", [model for model in models() if issubclass(model, Row)], ids=lambda model: model.__tablename__)
def test_no_column_can_be_changed_without_breaking_the_seal(model: Any) -> None:
    """Each column in turn gets another value: the seal made of the row is then another."""
    row, key = object.__new__(model), b"k" * 32
    for column in inspect(model).columns:
        row.__dict__[column.key] = None
    untouched = row_seal(row, key)
    for attribute in inspect(model).column_attrs:
        if attribute.key == "row_seal":
            continue
        row.__dict__[attribute.key] = _another(attribute.columns[0])
        assert row_seal(row, key) != untouched, attribute.key
        row.__dict__[attribute.key] = None
    assert row_seal(row, key) == untouched


def _another(column: Column[Any]) -> Any:
    return {datetime: datetime(2026, 1, 1, tzinfo=UTC), date: date(2026, 1, 1), bytes: b"\0", bool: False, int: 0}.get(
        column.type.python_type, ""
    )

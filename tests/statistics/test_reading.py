"""What is opened for a count, what is not, and in which quarter something counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import create_engine, text

from caseapp.access import Actor, Permission, Withheld, action, allow, session
from caseapp.cases.actions import close_case
from caseapp.cases.models import Case, Note, YoungPerson
from caseapp.consent import open_codes_for_statistics
from caseapp.db import transaction
from caseapp.followup.models import Measure
from caseapp.formats import Quarter, clock
from caseapp.plans.models import Intervention
from caseapp.statistics.reading import TYPES, Reading, read_quarter

Acting = Callable[[str], Actor]

@action
def _look(actor: Actor, case_id: str) -> dict[str, object]:
    allow(actor, Permission.PREPARE_STATISTICS)
    case = session().get_one(Case, case_id)
    open_codes_for_statistics({case_id: [case.owner_agency_id]}, types=TYPES)
    rows = {model: session().query(model).filter_by(case_id=case_id).first() for model in (YoungPerson, Measure, Note, Intervention)}
    young, measure = rows[YoungPerson], rows[Measure]
    return {
        "codes": [young.answers, measure.answers, case.progress],
        "text": [young.name, young.number, young.phone, young.address, case.closure_summary, measure.text, measure.youth_view,
                 rows[Note].heading, rows[Note].text, rows[Intervention].text],
        "not asked": [measure.schooling],
    }  # fmt: skip


def test_statistics_open_codes_and_never_a_name_a_number_or_a_text(stellan: Actor, app: Flask) -> None:
    with transaction(reading=True) as current:
        case_id = current.query(Case.id).first()[0]
    seen = _look(stellan, case_id)
    assert all(isinstance(value, dict) for value in seen["codes"])
    assert all(isinstance(value, Withheld) for value in (*seen["text"], *seen["not asked"]))


@action
def _read(actor: Actor, quarter: str, counted: dict[str, datetime] | None = None) -> Reading:
    allow(actor, Permission.PREPARE_STATISTICS)
    return read_quarter(Quarter.parse(quarter), counted or {}, lambda _step: None)


def test_a_case_whose_key_was_destroyed_is_gone_from_the_count(stellan: Actor, app: Flask) -> None:
    before = _read(stellan, "2026Q3")
    with transaction(reading=True) as current:
        case_id = current.query(Case.id).filter(Case.is_open).order_by(Case.id).first()[0]
    app.extensions["caseapp.database"].keyholder.destroy_case(case_id, datetime.now(UTC))
    after = _read(stellan, "2026Q3")
    assert (after.gone, len(after.records)) == (1, len(before.records) - 1)


def test_a_damaged_answer_counts_as_unknown_and_is_told(stellan: Actor, app: Flask) -> None:
    engine = create_engine(app.extensions["caseapp.database"].engine.url)
    with engine.begin() as connection:
        open_case = "(SELECT min(id) FROM case_file WHERE is_open)"
        assert connection.execute(text(f"UPDATE measure SET domains_sealed = schooling_sealed WHERE case_id = {open_case}")).rowcount
    engine.dispose()
    assert _read(stellan, "2026Q3").unreadable > 0


def test_a_case_closed_too_late_for_its_quarter_counts_as_closed_in_the_next(actor: Acting, stellan: Actor) -> None:
    """Open when the second quarter was read on 5 July; on 20 July it is noted that it was closed on 30 June."""
    read_on_5_july = datetime(2026, 7, 5, 10, tzinfo=UTC)
    karin = actor("karin")
    with transaction(reading=True) as current:
        long_open = current.query(Case).filter(Case.is_open, Case.opened_on < date(2026, 6, 1), Case.team_id.in_(karin.teams))
        case = long_open.order_by(Case.case_number).first()
    with clock.at(date(2026, 7, 20)):
        close_case(karin, case.id, reason="goals_met", closed_on=date(2026, 6, 30))
    mine = case.number_index or case.id
    in_time = {one.person: one.closed for one in _read(stellan, "2026Q3").records}
    late = {one.person: one.closed for one in _read(stellan, "2026Q3", {"2026Q2": read_on_5_july}).records}
    assert mine not in in_time
    assert late[mine] == "2026Q3"


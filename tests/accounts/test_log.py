"""Reading the log: newest first, by person, day, case and refusal; that reading it is in it; that only reviewers may."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from caseapp.access import Permission, Refused, action, allow, log_as
from caseapp.accounts.log_review import PAGE, LogFilter, read_log
from caseapp.audit import AuditEntry
from caseapp.db import transaction
from caseapp.formats import clock
from tests.accounts.conftest import SmallOffice


@pytest.mark.parametrize("name", ["admin", "coordinator"])
def test_only_a_reviewer_reads_the_log(small_office: SmallOffice, name: str) -> None:
    assert small_office.signed_in(name).get("/log").status_code == 403
    with pytest.raises(Refused):
        read_log(small_office.actor(name), LogFilter(), numbers_of=lambda _ids: {})


def test_the_log_shows_names_words_and_refusals(small_office: SmallOffice) -> None:
    small_office.signed_in("coordinator").get("/settings")
    page = small_office.signed_in("reviewer").get("/log").text
    assert "Karin Ek" in page
    assert "Inloggning · Konto" in page
    assert "Nekad" in page
    assert "Din roll ger inte rätt till det här" in page


def test_reading_the_log_is_in_the_log(small_office: SmallOffice) -> None:
    reviewer = small_office.actor("reviewer")
    read_log(reviewer, LogFilter(), numbers_of=lambda _ids: {})
    newest = read_log(reviewer, LogFilter(), numbers_of=lambda _ids: {}).lines[0]
    assert (newest.who, newest.action, newest.concerns) == ("Olle Sund", "view", "log")


def test_a_filter_chosen_in_the_form_stands_in_the_address_as_ids(small_office: SmallOffice) -> None:
    small_office.signed_in("coordinator").get("/settings")
    karin = small_office.people["coordinator"].id
    browser = small_office.signed_in("reviewer")
    answer = browser.submit({"person": karin, "refused": "1", "day": "idag"}, on="/log")
    assert dict(answer.request.args) == {"person": karin, "refused": "1", "day": "2026-09-15"}
    assert answer.text.count("Nekad") == 1


@pytest.mark.parametrize(("days_later", "seen"), [(0, True), (1, False)])
def test_a_day_is_a_day_in_sweden(small_office: SmallOffice, days_later: int, seen: bool) -> None:
    small_office.watch.passes(hours=15, minutes=55)  # 23.55 in Sweden, 21.55 UTC
    sign(small_office)
    day = clock.today()
    small_office.watch.passes(days=2)
    chosen = LogFilter(person=small_office.people["coordinator"].id, day=day.replace(day=day.day + days_later))
    assert bool(read_log(small_office.actor("reviewer"), chosen, numbers_of=lambda _ids: {}).lines) is seen


def sign(small_office: SmallOffice) -> None:
    """One entry by the coordinator."""

    @action
    def look(actor: object) -> None:
        allow(actor, Permission.OWN_ACCOUNT)  # type: ignore[arg-type]
        log_as("print")

    look(small_office.actor("coordinator"))  # type: ignore[arg-type]


def test_a_long_log_is_read_page_by_page_without_gap_or_repetition(small_office: SmallOffice) -> None:
    for _time in range(2 * PAGE + 7):
        sign(small_office)
    reviewer, chosen = small_office.actor("reviewer"), LogFilter(person=small_office.people["coordinator"].id)
    seen, before = [], None
    while True:
        page = read_log(reviewer, chosen, before=before, numbers_of=lambda _ids: {})
        seen += [line.sequence for line in page.lines]
        before = page.older
        if before is None:
            break
    assert len(seen) == 2 * PAGE + 7
    assert seen == sorted(set(seen), reverse=True)


def test_an_unknown_case_number_is_answered_with_a_sentence(small_office: SmallOffice) -> None:
    answer = small_office.signed_in("reviewer").submit({"case": "2026-9999"}, on="/log")
    assert answer.status_code == 422
    assert "Det finns inget ärende med det numret" in answer.text


NONSENSE = ("before=-1", "before=9999999999999999", "before=x", "person=' OR 1=1", "day=2026-13-40", "day=%F0%28", "case=%00", "refused=2")


@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_in_the_address_is_left_out(small_office: SmallOffice, query: str) -> None:
    assert small_office.signed_in("reviewer").get(f"/log?{query}").status_code == 200


def test_a_refused_request_is_logged_once(empty_app: Flask, small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    with transaction(reading=True) as current:
        before = current.scalar(select(func.max(AuditEntry.sequence))) or 0
    browser.get("/settings")
    with transaction(reading=True) as current:
        added = current.scalars(select(AuditEntry).where(AuditEntry.sequence > before)).all()
    assert [(entry.decision, entry.reason, entry.permission) for entry in added] == [("refused", "not_permitted", "settings.manage")]

"""When is a case due? Expected days counted by hand from the statute: five years after the last entry, kept birth days, whole counties."""

from datetime import date

import pytest

from caseapp.erasure.rules import (
    APPROVED,
    CANCELLED,
    DONE,
    PROPOSED,
    REASONS,
    Facts,
    Profile,
    Verdict,
    may_become,
    profile_of,
    verdict,
    why_not_approve,
    years_after,
)

PERSONAL_FILE = Profile()
LAST = date(2021, 11, 24)
BORN = date(2006, 3, 7)


@pytest.mark.parametrize(
    ("facts", "profile", "on", "expected"),
    [
        (Facts(False, LAST, BORN, False), PERSONAL_FILE, date(2026, 11, 23), "not_yet"),
        (Facts(False, LAST, BORN, False), PERSONAL_FILE, date(2026, 11, 24), "due"),
        (Facts(True, LAST, BORN, False), PERSONAL_FILE, date(2030, 1, 1), "case_open"),
        (Facts(False, LAST, BORN, True), PERSONAL_FILE, date(2030, 1, 1), "held"),
        (Facts(False, LAST, date(2006, 3, 5), False), PERSONAL_FILE, date(2030, 1, 1), "kept_birth_day"),
        (Facts(False, LAST, date(2006, 3, 15), False), PERSONAL_FILE, date(2030, 1, 1), "kept_birth_day"),
        (Facts(False, LAST, date(2006, 3, 25), False), PERSONAL_FILE, date(2030, 1, 1), "kept_birth_day"),
        (Facts(False, LAST, date(2006, 3, 6), False), PERSONAL_FILE, date(2030, 1, 1), "due"),
        (Facts(False, LAST, None, False), PERSONAL_FILE, date(2030, 1, 1), "birth_unknown"),
        (Facts(False, LAST, None, False), Profile(kept_days=frozenset()), date(2030, 1, 1), "due"),
        (Facts(False, LAST, date(2006, 3, 5), False), Profile(kept_days=frozenset()), date(2030, 1, 1), "due"),
        (Facts(False, LAST, BORN, False), Profile(keeps_all=True), date(2030, 1, 1), "kept_everything"),
        (Facts(False, LAST, None, False), Profile(keeps_all=True), date(2030, 1, 1), "kept_everything"),
        (Facts(False, LAST, BORN, True), Profile(keeps_all=True), date(2030, 1, 1), "held"),
        (Facts(False, LAST, BORN, False), Profile(years=2), date(2023, 11, 24), "due"),
        (Facts(False, LAST, BORN, False), Profile(years=2), date(2023, 11, 23), "not_yet"),
    ],
)
def test_a_case_is_due_for_exactly_one_reason(facts: Facts, profile: Profile, on: date, expected: str) -> None:
    found = verdict(facts, profile, on)
    assert found.reason == expected
    assert found.is_due is (expected == "due")
    assert found.due_on == date(LAST.year + profile.years, 11, 24)
    assert expected in REASONS


def test_time_is_out_on_the_first_of_march_for_an_entry_on_a_leap_day() -> None:
    assert years_after(date(2024, 2, 29), 5) == date(2029, 3, 1)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_an_unset_profile_is_the_statute_and_a_set_one_is_followed() -> None:
    assert profile_of({}) == Profile("personakt", 5, frozenset({5, 15, 25}), False)
    written = {"retention": {"profile": "no_personakt", "years": 3, "keeps_birth_days": False, "keeps_all": False}}
    assert profile_of(written) == Profile("no_personakt", 3, frozenset(), False)


def test_nobody_approves_their_own_proposal_or_a_case_that_is_no_longer_due() -> None:
    due, held = Verdict(True, "due", LAST), Verdict(False, "held", LAST)
    assert why_not_approve("ulla", "ulla", due) == "same_person"
    assert why_not_approve("ulla", "karin", held) == "held"
    assert why_not_approve("ulla", "karin", due) is None


def test_what_was_carried_out_or_taken_back_stays_so() -> None:
    allowed = {(PROPOSED, APPROVED), (PROPOSED, CANCELLED), (APPROVED, CANCELLED), (APPROVED, DONE)}
    states = (PROPOSED, APPROVED, CANCELLED, DONE)
    assert {(a, b) for a in states for b in states if may_become(a, b)} == allowed

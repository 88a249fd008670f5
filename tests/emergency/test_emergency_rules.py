"""What counts as a reason, when an opening is over, until when it is reviewed and by whom: by table, expected values by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from caseapp.emergency.rules import end_of, is_overdue, review_until, why_no_reason, why_not_review

FRIDAY = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "reason_needed"),
        ("   \n ", "reason_needed"),
        ("... !!! 112", "reason_needed"),
        ("nöd", "reason_too_short"),
        ("Det brinner nu", "reason_too_short"),
        ("a b c d e f g h", "reason_too_short"),
        ("Orosanmälningsskyldigheten gäller", "reason_too_short"),
        ("x . . . . . . . . . . . . . . . . . .", "reason_too_short"),
        ("Flickan har hoppat från bron.", None),
        ("Mamman ringer: han har fått ett mordhot.", None),
    ],
)
def test_a_reason_is_at_least_a_sentence(text, code):
    assert why_no_reason(text) == code


def test_an_opening_is_over_after_an_hour_or_when_it_was_ended():
    six = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
    assert end_of(FRIDAY, None) == six
    assert end_of(FRIDAY, FRIDAY + timedelta(minutes=7)) == datetime(2026, 11, 27, 17, 7, tzinfo=UTC)
    assert end_of(FRIDAY, FRIDAY + timedelta(hours=9)) == six


def test_the_review_has_three_days_to_the_minute():
    assert review_until(FRIDAY) == MONDAY
    assert not is_overdue(FRIDAY, None, MONDAY)
    assert is_overdue(FRIDAY, None, MONDAY + timedelta(microseconds=1))
    assert not is_overdue(FRIDAY, MONDAY + timedelta(days=9), MONDAY + timedelta(days=10))


@pytest.mark.parametrize(
    ("reviewer", "minutes", "ended", "reviewed", "code"),
    [
        ("ulla", 60, False, False, None),
        ("ulla", 59, False, False, "emergency_running"),
        ("ulla", 59, True, False, None),
        ("ulla", 90, False, True, "reviewed_already"),
        ("lena", 90, False, False, "own_emergency"),
        ("lena", 10, False, False, "own_emergency"),
        ("lena", 90, False, True, "own_emergency"),
    ],
)
def test_somebody_else_reviews_once_it_is_over(reviewer, minutes, ended, reviewed, code):
    found = why_not_review(
        opened_by="lena",
        reviewer=reviewer,
        begun_at=FRIDAY,
        ended_at=FRIDAY + timedelta(minutes=5) if ended else None,
        reviewed_at=FRIDAY + timedelta(minutes=80) if reviewed else None,
        now=FRIDAY + timedelta(minutes=minutes),
    )
    assert found == code

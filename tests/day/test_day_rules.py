"""What is worth saying today: by table, worked out by hand from the warnings (30 and 14 days) and the follow-ups (6 and 12 months)."""

from datetime import date

import pytest

from caseapp.day.rules import ConsentNow, Matter, consent_matters, later_followup, most_pressing_first, review_matter

TODAY = date(2026, 11, 22)
FAR = date(2027, 5, 1)


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        pytest.param(ConsentNow("none"), [("consent_none", "wait")], id="nobody was asked"),
        pytest.param(ConsentNow("draft"), [("consent_none", "wait")], id="a draft is not a question yet"),
        pytest.param(ConsentNow("pending", date(2027, 1, 1), 1, 2), [("consent_pending", "wait")], id="one of two has signed"),
        pytest.param(ConsentNow("active", date(2026, 12, 23)), [], id="31 days left"),
        pytest.param(ConsentNow("active", date(2026, 12, 22)), [("consent_ends", "wait")], id="30 days left"),
        pytest.param(ConsentNow("active", date(2026, 12, 7)), [("consent_ends", "wait")], id="15 days left"),
        pytest.param(ConsentNow("active", date(2026, 12, 6)), [("consent_ends", "late")], id="14 days left"),
        pytest.param(ConsentNow("active", TODAY), [("consent_ends", "late")], id="the last day"),
        pytest.param(ConsentNow("expired", date(2026, 11, 21)), [("consent_expired", "danger")], id="it ended yesterday"),
        pytest.param(ConsentNow("withdrawn", date(2027, 1, 1)), [], id="a withdrawal was an answer"),
        pytest.param(ConsentNow("declined", date(2027, 1, 1)), [], id="a refusal was an answer"),
        pytest.param(
            ConsentNow("active", date(2027, 5, 1), birthdays=[date(2026, 12, 20)]), [("signer_changes", "wait")], id="a birthday in 28 days"
        ),
        pytest.param(ConsentNow("active", date(2027, 5, 1), birthdays=[date(2026, 11, 30)]), [("signer_changes", "late")], id="in 8 days"),
        pytest.param(ConsentNow("active", date(2027, 5, 1), birthdays=[date(2027, 2, 1)]), [], id="a birthday far off"),
        pytest.param(ConsentNow("active", FAR, birthdays=[date(2026, 12, 23)]), [], id="a birthday in 31 days"),
        pytest.param(ConsentNow("active", FAR, birthdays=[date(2026, 12, 22)]), [("signer_changes", "wait")], id="a birthday in 30 days"),
        pytest.param(ConsentNow("active", FAR, birthdays=[date(2026, 12, 6)]), [("signer_changes", "late")], id="a birthday in 14 days"),
        pytest.param(
            ConsentNow("active", FAR, renew=["new_custodian"]), [("custody_changed_signed", "late")], id="somebody got custody"
        ),
        pytest.param(
            ConsentNow("active", FAR, renew=["youth_signs", "custodian_ended"]),
            [("custody_changed_signed", "late")],
            id="custody is said before age",
        ),
        pytest.param(ConsentNow("active", FAR, renew=["youth_alone"]), [("age_changed_signed", "late")], id="the young person is of age"),
        pytest.param(
            ConsentNow("active", FAR, birthdays=[TODAY], renew=["youth_signs"]),
            [("age_changed_signed", "late")],
            id="on the birthday itself it is said once",
        ),
        pytest.param(
            ConsentNow("active", date(2026, 12, 1), renew=["custodian_ended"]),
            [("custody_changed_signed", "late"), ("consent_ends", "late")],
            id="custody changed, and it ends soon",
        ),
        pytest.param(ConsentNow("pending", FAR, renew=["custodian_ended"]), [("custody_changed_asked", "late")], id="the wrong ones asked"),
        pytest.param(ConsentNow("pending", FAR, renew=["youth_signs"]), [("age_changed_asked", "late")], id="15 while it waited"),
        pytest.param(ConsentNow("active", FAR, renewing=(1, 2)), [("renewal_pending", "wait")], id="a renewal waits, no hurry"),
        pytest.param(
            ConsentNow("active", date(2026, 12, 22), renewing=(1, 2)), [("renewal_pending", "wait")], id="a renewal waits, 30 days left"
        ),
        pytest.param(
            ConsentNow("active", date(2026, 12, 6), renewing=(1, 2)), [("renewal_pending", "late")], id="a renewal waits, 14 days left"
        ),
        pytest.param(
            ConsentNow("active", FAR, birthdays=[date(2026, 12, 6)], renewing=(1, 2)),
            [("renewal_pending", "late")],
            id="a renewal waits, the birthday is in 14 days",
        ),
        pytest.param(
            ConsentNow("active", FAR, renew=["new_custodian"], renewing=(1, 2)),
            [("renewal_pending", "late")],
            id="a renewal waits because custody changed",
        ),
        pytest.param(ConsentNow("active", date(2026, 12, 1), is_succeeded=True), [], id="it ends soon, and the next one is signed"),
        pytest.param(
            ConsentNow("active", date(2026, 12, 1), renew=["new_custodian"], is_succeeded=True),
            [("custody_changed_signed", "late")],
            id="the next one is signed by the wrong people",
        ),
        pytest.param(ConsentNow("withdrawn", FAR, renew=["new_custodian"]), [], id="what was withdrawn needs no renewal"),
    ],
)
def test_what_a_consent_asks_of_the_coordinator(consent: ConsentNow, said: list[tuple[str, str]]) -> None:
    assert [(matter.kind, matter.tone) for matter in consent_matters(consent, TODAY)] == said


@pytest.mark.parametrize(
    ("review_on", "tone"),
    [
        (None, None),
        (date(2026, 11, 30), None),
        (date(2026, 11, 29), "wait"),
        (TODAY, "wait"),
        (date(2026, 11, 21), "late"),
    ],
)
def test_a_review_is_told_of_from_a_week_before(review_on: date | None, tone: str | None) -> None:
    matter = review_matter(review_on, TODAY)
    assert (matter.tone if matter else None) == tone


@pytest.mark.parametrize(
    ("closed_on", "measured", "months"),
    [
        pytest.param(date(2026, 5, 23), [], None, id="tomorrow it is six months"),
        pytest.param(date(2026, 5, 22), [], 6, id="six months today"),
        pytest.param(date(2026, 5, 22), [date(2026, 5, 20)], 6, id="the measure at the close does not count"),
        pytest.param(date(2026, 5, 22), [date(2026, 10, 22)], None, id="made a month early"),
        pytest.param(date(2026, 5, 22), [date(2026, 10, 21)], 6, id="made too early"),
        pytest.param(date(2025, 11, 22), [date(2026, 5, 22)], 12, id="six was made, twelve is due"),
        pytest.param(date(2025, 11, 22), [date(2026, 11, 1)], None, id="twelve is made"),
        pytest.param(date(2025, 8, 31), [], 12, id="the last of August, twelve months"),
        pytest.param(date(2025, 5, 22), [], None, id="half a year after the twelve months nobody asks any more"),
    ],
)
def test_a_later_follow_up_is_due_until_it_is_made(closed_on: date, measured: list[date], months: int | None) -> None:
    matter = later_followup(closed_on, measured, TODAY)
    assert (matter.count if matter else None) == months


def test_what_is_most_pressing_comes_first_and_the_oldest_of_that() -> None:
    earlier = date(2026, 11, 1)
    order = [Matter("a", "wait"), Matter("b", "late", TODAY), Matter("c", "danger"), Matter("d", "late", earlier), Matter("e", "info")]
    assert [matter.kind for matter, _case in most_pressing_first([(one, "") for one in order])] == ["c", "d", "b", "a", "e"]

"""The count in a letter is the count of the page: my day opens the cases, the count opens nothing."""

from datetime import date, datetime

from caseapp.access import OPERATOR, Actor
from caseapp.day.actions import my_day
from caseapp.day.counting import Counts
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
from caseapp.meetings.actions import plan_meeting
from caseapp.plans import actions as plans
from caseapp.reminders import actions
from caseapp.reminders.models import Reminder
from tests.small_town import DAY, Town

TIMER = Actor("", "", "", roles=frozenset({OPERATOR}))


def counts(town: Town, who: str = "coordinator") -> Counts:
    person = town.people[who]
    chosen = actions.read_choice(person)
    if chosen.version is None:
        actions.choose(person, email="namn@kommun.example", days="workdays")
    (reminder,) = [one for one in actions.due_today(TIMER) if _whose(one) == person.user_id]
    letter = actions.write_letter(TIMER, reminder)
    return letter.counts if letter else Counts()


def _whose(reminder_id: str) -> str:
    with transaction(reading=True) as current:
        return current.get_one(Reminder, reminder_id).user_id


def tasks(town: Town, who: str = "coordinator") -> int:
    return len(my_day(town.people[who]).tasks)


def test_a_new_case_waits_for_consent(town: Town) -> None:
    assert counts(town) == Counts(tasks=1)
    assert tasks(town) == 1


def test_a_late_commitment_is_counted_for_those_who_may_read_it_and_for_nobody_else(town: Town) -> None:
    consent = town.consent()
    plans.add_commitment(town.coordinator, town.case_id, agency_id=town.agencies["school"], text="Mentorssamtal", due_on=DAY)
    with clock.at(datetime(2026, 9, 18, 9, tzinfo=SWEDEN)):
        for who, expected in (("coordinator", 1), ("teacher", 1), ("leader", 0)):
            assert (counts(town, who).tasks, tasks(town, who)) == (expected, expected), who
        town.withdraw(consent)
        assert (counts(town).tasks, tasks(town)) == (0, 0)


def test_reviews_and_meetings_are_counted_apart(town: Town) -> None:
    town.consent()
    plans.write_head(town.coordinator, town.case_id, text="", review_on=date(2026, 9, 10))
    plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=datetime(2026, 9, 17, 13, tzinfo=SWEDEN))
    plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=datetime(2026, 9, 30, 13, tzinfo=SWEDEN))
    assert counts(town) == Counts(tasks=1, late=1, meetings=1)

"""What the tests of meetings share: a meeting planned, begun, and the screen everybody in the room looks at."""


from collections.abc import Iterable
from datetime import date, datetime

from caseapp.formats import SWEDEN
from caseapp.meetings import actions, leading
from caseapp.meetings.cards import CaseOnScreen, Live
from caseapp.plans import actions as plans
from tests.small_town import Town

FULL = ("identity", "plan", "support_ongoing", "assessment")
THURSDAY = datetime(2026, 9, 17, 13, 0, tzinfo=SWEDEN)


def token(town: Town, who: str) -> str:
    return f"member:{town.people[who].user_id}"


def team_meeting(town: Town, *cases: str) -> str:
    meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY, place="Rådhuset")
    actions.add_to_agenda(town.coordinator, meeting_id, cases or [town.case_id])
    return meeting_id


def started(town: Town, who: Iterable[str] = ("coordinator",), *cases: str) -> str:
    meeting_id = team_meeting(town, *cases)
    leading.start_meeting(town.coordinator, meeting_id, [token(town, one) for one in who])
    return meeting_id


def screen(town: Town, meeting_id: str, case_id: str | None = None) -> CaseOnScreen:
    page = actions.open_meeting(town.coordinator, meeting_id, case_id=case_id)
    assert isinstance(page, Live)
    assert page.case is not None
    return page.case


def a_commitment(town: Town, agency: str, words: str, due: date | None = None) -> str:
    return plans.add_commitment(town.coordinator, town.case_id, agency_id=town.agencies[agency], text=words, due_on=due)


def words_on_screen(case: CaseOnScreen) -> list[object]:
    return [card.text for card in case.plan.commitments] if case.plan else []

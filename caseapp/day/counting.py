"""How much waits for somebody, in numbers alone: for a reminder, which is read outside the house and carries nothing but these.

Not a key is fetched for it. Who may open which case, what a consent's state is, which plan is to be reviewed and which commitment is late
stand in columns that are not sealed; a late commitment that is not for the person is not counted. On the page and not in the count are
what only the sealed day of birth tells (a birthday that changes who signs), the signatures a renewal waits for, and later follow-ups of
closed cases.
"""

from dataclasses import dataclass

from caseapp.access import COORDINATOR, Actor, Permission, may_ever, today
from caseapp.cases import gates_in_turn
from caseapp.consent.opening import decide_on
from caseapp.consent.standing import standing_of
from caseapp.emergency.reviewing import unreviewed_in
from caseapp.plans.due import unsettled_past
from caseapp.review.queue import waiting_for

from .ahead import meetings_ahead, reviews_ahead
from .rules import ConsentNow, consent_matters


@dataclass(frozen=True)
class Counts:
    """What waits: `late` of the `tasks` have passed their day or end within two weeks; meetings of the next seven days; questions."""

    tasks: int = 0
    late: int = 0
    meetings: int = 0
    questions: int = 0

    def __bool__(self) -> bool:
        return bool(self.tasks or self.meetings or self.questions)


def count_day(person: Actor) -> Counts:
    """What waits for this person today. Called from inside an action, which need not be theirs; opens nothing."""
    questions = len(waiting_for(person.user_id))
    if not may_ever(person, Permission.LIST_CASES):
        return Counts(questions=questions)
    tones: list[str] = []
    for gates in gates_in_turn(person):
        mine = [gate for gate in gates if COORDINATOR in person.teams[gate.team_id]]
        openings = decide_on({gate.id: () for gate in gates}, (person.agency_id,), [gate.id for gate in gates])
        for standing in standing_of({gate.id: openings[gate.id] for gate in mine}).values():
            now = ConsentNow(standing.state, standing.valid_to, standing.signed, standing.needed)
            tones += [matter.tone for matter in consent_matters(now, today())]
        tones += [matter.tone for matter, _case_id in reviews_ahead(person, mine)]
        late = [row for row in unsettled_past(person, gates) if openings[row.case_id].decide(row.owner_agency_id, "plan").allowed]
        tones += ["late"] * (len(late) + len(unreviewed_in(person, mine)))
    pressing = sum(tone in ("danger", "late") for tone in tones)
    return Counts(len(tones), pressing, len(meetings_ahead(person)), questions)

"""The measures of a case: before, during, after and long after, with what the young person and the custodians say."""

from collections.abc import Iterator
from datetime import datetime

from caseapp.access import today
from caseapp.followup.actions import Led, Seen, save_measure
from caseapp.followup.experience import GUARDIAN, YOUTH, statements
from caseapp.formats import age

from .thread import CaseThread
from .written import phrases


class Measuring(CaseThread):
    """The steps with follow-up."""

    def _map(self) -> Iterator[datetime]:
        yield self.diary.after(3, 10)
        instrument = self.rng.choice(("", "ester_screening", "bbic", "none"))
        save_measure(
            self.actor,
            self.case_id,
            self._seen(
                "before",
                self._needs(),
                self.story.picture,
                self.rng.choice(self.story.youth_view),
                self.rng.choice(self.story.guardian_view),
                instrument=instrument,
            ),
        )
        for note in self._some_notes(1):
            yield self.diary.after(1, 4)
            self._note_of(note)

    def _needs(self) -> dict[str, str]:
        needs = dict(self.story.needs)
        moved = self.rng.choice(list(needs))
        needs[moved] = min(3, max(0, needs[moved] + self.rng.choice((-1, 1))))
        self.needs = {domain: str(level) for domain, level in needs.items()}
        return self.needs

    def _seen(self, phase: str, needs: dict[str, str], text: str, youth: str = "", guardian: str = "", instrument: str = "") -> Seen:
        person = self.family.person
        born = person.number.birth_date if person.number else person.born
        years = age(born, today()) if born else 14
        return Seen(
            phase=phase,
            measured_on=today(),
            needs=needs,
            risk=self.story.risk if phase == "before" else self._lower(self.story.risk) if phase != "during" else self.story.risk,
            protective=self.story.protective,
            responsivity=self.story.responsivity,
            instrument=instrument,
            instrument_on=today() if instrument not in ("", "none") else None,
            instrument_level=self.story.risk if instrument not in ("", "none", "bbic") else "",
            attendance=self.story.attendance,
            occupation=self.story.occupation or ("compulsory" if years < 16 else "upper_secondary"),
            youth_view=self._told(youth),
            guardian_view=self._told(guardian),
            text=self._told(text),
        )

    def _lower(self, risk: str) -> str:
        levels = ("low", "medium", "high", "very_high")
        return levels[max(0, levels.index(risk) - self.rng.choice((0, 1, 1)))]

    def _during(self) -> None:
        save_measure(self.actor, self.case_id, self._seen("during", self._better(0.35), phrases()["during"]))

    def _better(self, chance: float) -> dict[str, str]:
        """The needs as they have become: often less, seldom more."""
        found = {}
        for domain, level in self.needs.items():
            turn = self.rng.random()
            step = -1 if turn < chance else 1 if turn > 0.95 else 0
            found[domain] = str(min(3, max(0, int(level) + step * (2 if step < 0 and self.rng.random() < 0.3 else 1))))
        return found

    def _after(self, phase: str) -> None:
        went_well = self.outline.closure in ("goals_met", "ordinary_support", "no_longer_needed")
        needs = self._better(0.7 if went_well else 0.3)
        changes = {
            domain: self._change(int(self.needs[domain]) - int(level)) for domain, level in needs.items() if self.needs[domain] != "0"
        }
        attained = ("exceeded", "met", "met", "partly") if went_well else ("partly", "not_met", "not_assessable")
        led = Led(
            changes=changes,
            youth=self._experience(YOUTH, went_well),
            guardian=self._experience(GUARDIAN, went_well) if self.rng.random() < 0.8 else {},
            youth_words=self.rng.choice(self.story.youth_words) if went_well else "",
            guardian_words=self.rng.choice(self.story.guardian_words) if went_well and self.rng.random() < 0.7 else "",
            goals={goal: self.rng.choice(attained) for goal in self.goals} if phase == "after" else {},
        )
        save_measure(self.actor, self.case_id, self._seen(phase, needs, self.story.after if went_well else ""), led=led)

    def _change(self, steps: int) -> str:
        return "much_better" if steps > 1 else "better" if steps == 1 else "unchanged" if steps == 0 else "worse"

    def _experience(self, who: str, went_well: bool) -> dict[str, str]:
        shares = (1, 2, 8, 14, 14, 3) if went_well else (3, 6, 10, 8, 3, 4)
        return {item: self.rng.choices(("1", "2", "3", "4", "5", "0"), shares)[0] for item in statements(who)}

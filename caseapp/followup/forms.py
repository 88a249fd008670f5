"""The one-page form of each phase: what is asked before, during, after and long after.

Last time's answers stand beside the questions, and in no field: an answer carried over without a thought would look like "no change".
An unanswered question is left out, and is not the same as "unknown" or "no need".
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.fields import CodeField, CodesField, DateField, Form, TextArea, language
from caseapp.formats import clock, date_words
from caseapp.plans.joint_plan import GoalCard

from .actions import Led, Seen
from .experience import GUARDIAN, YOUTH, statements
from .measured import MeasureCard

_CHOSEN = ("protective", "responsivity", "occupation")
#: Questions with last time's answer beside them, and the code list of it; the needs have theirs as well.
_ASKED_AGAIN = {
    "risk": "RiskLevel",
    "protective": "ProtectiveFactor",
    "responsivity": "Responsivity",
    "instrument": "Instrument",
    "instrument_level": "RiskLevel",
    "attendance": "AttendanceBand",
    "occupation": "Occupation",
}
_TEXTS = ("youth_view", "guardian_view", "text")


class MeasureForm(Form):
    """What was seen on one day. One `need_…` field for each need domain is added below."""

    measured_on = DateField(_l("Datum"), needed=_l("Skriv vilken dag bedömningen gäller."), lean="past", latest=clock.today)
    risk = CodeField(_l("Sammanvägd risknivå"), "RiskLevel", look="segments")
    protective = CodesField(_l("Skyddsfaktorer"), "ProtectiveFactor")
    responsivity = CodesField(_l("Vad behöver vi ta hänsyn till?"), "Responsivity", exclusive="none")
    instrument = CodeField(_l("Instrument"), "Instrument", look="select", hint=_l("Bara vilket, när och sammanvägd nivå. Aldrig svaren."))
    instrument_on = DateField(_l("Datum för instrumentet"), lean="past", latest=clock.today)
    instrument_level = CodeField(_l("Nivå enligt instrumentet"), "RiskLevel", look="segments", without=("not_assessed",))
    attendance = CodeField(_l("Närvaro i skolan"), "AttendanceBand", look="segments")
    occupation = CodeField(_l("Sysselsättning"), "Occupation", look="select")
    youth_view = TextArea(_l("Den unges egna ord"), rows=3, max_length=4000)
    guardian_view = TextArea(_l("Vårdnadshavarnas egna ord"), rows=3, max_length=4000)
    text = TextArea(_l("Sammanfattande bedömning"), rows=4, max_length=10_000)

    def fields_of(self, beginning: str) -> list[Any]:
        """The fields whose names begin so: need_, change_, youth_is_, guardian_is_, goal_."""
        return [field for field in self if field.name.startswith(beginning)]

    def answers_of(self, beginning: str) -> dict[str, str]:
        """What was answered in those fields, by the rest of the name."""
        return {field.name.removeprefix(beginning): field.data for field in self.fields_of(beginning) if field.data}

    def name_fields(self, goals: Sequence[GoalCard] = ()) -> None:
        """Call the fields of domains, statements and goals by their words in the language of the page."""
        lang = language()
        for beginning, words in (("need_", "NeedDomain"), ("change_", "NeedDomain")):
            for field in self.fields_of(beginning):
                field.label.text = codelists.label(words, field.name.removeprefix(beginning), lang)
        for beginning, who in (("youth_is_", YOUTH), ("guardian_is_", GUARDIAN)):
            for field in self.fields_of(beginning):
                field.label.text = statements(who)[field.name.removeprefix(beginning)].label(lang)
        for goal in goals:
            field = self[f"goal_{goal.id}"]
            field.label.text = goal.text
            field.hint = " → ".join(part for part in (goal.baseline, goal.target) if isinstance(part, str) and part)

    def say_last_time(self, last: MeasureCard | None) -> None:
        """Put last time's answer beside each question with answers to choose from; that it was not answered is said, too."""
        if last is None:
            return
        day = date_words(last.measured_on, language())
        for name, (words, answer) in self._told_last_time(last).items():
            codes = [answer] if isinstance(answer, str) and answer else list(answer) if isinstance(answer, tuple) else []
            if codes or answer in ("", ()):
                told = ", ".join(codelists.label(words, code, language()) for code in codes) or _("inte besvarat")
                said = _("Förra gången, %(day)s: %(answer)s", day=day, answer=told)
                self[name].hint = f"{self[name].hint} {said}" if self[name].hint else said

    def _told_last_time(self, last: MeasureCard) -> dict[str, tuple[str, Any]]:
        """Field → code list and last time's answer, "" or () where there was none."""
        told: dict[str, tuple[str, Any]] = {
            field.name: ("NeedLevel", last.needs.get(field.name.removeprefix("need_"), "")) for field in self.fields_of("need_")
        }
        told |= {name: (words, getattr(last, name)) for name, words in _ASKED_AGAIN.items()}
        if last.outcome and self.fields_of("change_"):
            changes, young, grown = last.outcome.changes, last.outcome.youth, last.outcome.guardian
            told |= {f"change_{domain}": ("Change", code) for domain, code in changes.items()}
            told |= {f"youth_is_{item}": ("Agree5", code) for item, code in young.items()}
            told |= {f"guardian_is_{item}": ("Agree5", code) for item, code in grown.items()}
        return told

    def seen(self, phase: str) -> Seen:
        """The answers as a value for the action."""
        return Seen(
            phase=phase,
            measured_on=self.measured_on.data,
            needs=self.answers_of("need_"),
            risk=self.risk.data or "",
            protective=self.protective.data or (),
            responsivity=self.responsivity.data or (),
            instrument=self.instrument.data or "",
            instrument_on=self.instrument_on.data,
            instrument_level=self.instrument_level.data or "",
            attendance=self.attendance.data or "",
            occupation=self.occupation.data or "",
            youth_view=self.youth_view.data or "",
            guardian_view=self.guardian_view.data or "",
            text=self.text.data or "",
        )

    def led(self) -> Led | None:
        """The outcome, where this form asks for one."""
        return None


class OutcomeForm(MeasureForm):
    """The same, and what it led to: change as people assess it, and how they experienced the work."""

    youth_words = TextArea(_l("Den unge berättar om hur det var"), rows=3, max_length=4000)
    guardian_words = TextArea(_l("Vårdnadshavarna berättar om hur det var"), rows=3, max_length=4000)
    outcome_text = TextArea(_l("Vad ledde arbetet till?"), rows=4, max_length=10_000)

    def changes_asked(self, before: MeasureCard | None) -> tuple[list[Any], list[Any]]:
        """The questions about change: those where a need was seen before, and the others; all of them without a before."""
        fields = self.fields_of("change_")
        if before is None:
            return fields, []
        seen = {f"change_{domain}" for domain, level in before.needs.items() if level != "0"}
        return [field for field in fields if field.name in seen or field.data], [
            field for field in fields if field.name not in seen and not field.data
        ]

    def led(self) -> Led:
        """The outcome as a value for the action."""
        return Led(
            changes=self.answers_of("change_"),
            youth=self.answers_of("youth_is_"),
            guardian=self.answers_of("guardian_is_"),
            youth_words=self.youth_words.data or "",
            guardian_words=self.guardian_words.data or "",
            text=self.outcome_text.data or "",
            goals=self.answers_of("goal_"),
        )


def _add_fields(form: type[Form], names: Iterable[str], words: str) -> None:
    for name in names:
        setattr(form, name, CodeField("", words, look="segments"))


_add_fields(MeasureForm, (f"need_{domain}" for domain in codelists.codelist("NeedDomain")), "NeedLevel")
_add_fields(OutcomeForm, (f"change_{domain}" for domain in codelists.codelist("NeedDomain")), "Change")
_add_fields(OutcomeForm, (f"youth_is_{item}" for item in statements(YOUTH)), "Agree5")
_add_fields(OutcomeForm, (f"guardian_is_{item}" for item in statements(GUARDIAN)), "Agree5")


def form_for(*, with_outcome: bool, goals: Sequence[GoalCard], card: MeasureCard | None, last: MeasureCard | None) -> MeasureForm:
    """The form of a phase: for a measure to correct (`card`) or a new one, with last time's answers beside."""
    kind: type[MeasureForm] = OutcomeForm if with_outcome else MeasureForm
    asked = goals if with_outcome else ()
    if asked:
        kind = type("OutcomeFormWithGoals", (OutcomeForm,), {})
        _add_fields(kind, (f"goal_{goal.id}" for goal in asked), "Attainment")
    form = kind(data=answers_in(card, asked) if card else {"measured_on": clock.today()})
    form.name_fields(asked)
    form.say_last_time(last)
    return form


def answers_in(card: MeasureCard, goals: Sequence[GoalCard]) -> dict[str, Any]:
    """A stored measure as the values of a form's fields."""
    names = ("measured_on", "risk", "instrument", "instrument_on", "instrument_level", "attendance", "version")
    values = {name: getattr(card, name) for name in (*names, *_CHOSEN, *_TEXTS)}
    values |= {f"need_{domain}": code for domain, code in card.needs.items()}
    if card.outcome:
        values |= {f"change_{domain}": code for domain, code in card.outcome.changes.items()}
        values |= {f"youth_is_{item}": code for item, code in card.outcome.youth.items()}
        values |= {f"guardian_is_{item}": code for item, code in card.outcome.guardian.items()}
        values |= {"youth_words": card.outcome.youth_words, "guardian_words": card.outcome.guardian_words}
        values["outcome_text"] = card.outcome.text
    values |= {f"goal_{goal.id}": goal.attainment for goal in goals}
    return {name: value for name, value in values.items() if value not in ("", None, ()) and _is_answer(value)}


def _is_answer(value: Any) -> bool:
    return not hasattr(value, "reason") and value.__class__.__name__ != "Unreadable"

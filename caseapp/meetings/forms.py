"""The forms of meetings: one to plan with, one for the room, one for everything that is said of a case."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import Withheld
from caseapp.accounts import AgencyCard
from caseapp.codelists import label
from caseapp.fields import (
    ChoiceField,
    ChoicesField,
    CodeField,
    DateField,
    Form,
    HiddenField,
    HourField,
    TextArea,
    TextField,
    language,
)
from caseapp.formats import SWEDEN, clock
from caseapp.plans.rules import FAMILY_MAKERS

from .cards import Live, Planned
from .leading import NewCommitment, NewStatus, Said
from .rules import AGENCY, RELATED, YOUNG_PERSON, Attendee

#: How many new commitments fit in one save; there is always a next one.
NEW_ROWS = 4
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def called(person: Attendee, agency_name: str = "") -> str:
    """What a list calls somebody who can come: name and agency, or the role in the family."""
    if person.kind == YOUNG_PERSON:
        return _("Den unge")
    if person.kind == AGENCY:
        return _("Någon annan från %(agency)s", agency=person.name)
    if person.kind == RELATED:
        role = label("RelatedRole", person.role, language()) if person.role else _("Anhörig")
        numbered = f"{role} {person.number}" if person.number else role
        return numbered if isinstance(person.name, Withheld) or not person.name else f"{person.name}, {role.lower()}"
    return f"{person.name}, {agency_name}" if agency_name else str(person.name)


def type_words(types: Iterable[str]) -> str:
    """Information types in a sentence: namn och identitet, åtagandeplanen."""
    return ", ".join(label("InformationType", kind, language()).lower() for kind in types)


def work_form_words(code: str) -> str:
    """The work form, shortly: what stands before the dash."""
    return label("WorkForm", code, language()).split(" - ")[0]


class MeetingForm(Form):
    """When, where, what kind, and who is asked."""

    team = ChoiceField(_l("Grupp"), needed=_l("Välj vilken grupp mötet gäller."))
    kind = CodeField(_l("Sorts möte"), "MeetingType", without=("team",), needed=_l("Välj vilken sorts möte det är."))
    day = DateField(
        _l("Dag"),
        lean="future",
        earliest=clock.today,
        needed=_l("Skriv vilken dag mötet är."),
        hint=_l("Till exempel tor, 3/12 eller om 2 veckor"),
    )
    hour = HourField(_l("Klockslag"), needed=_l("Skriv när mötet börjar, till exempel 13.00."), hint=_l("Till exempel 13.00"))
    place = TextField(_l("Plats"), max_length=120)
    asked = ChoicesField(_l("Vilka bjuds in?"), hint=_l("Du som leder mötet är alltid med."))

    def starts_at(self) -> datetime:
        """The moment the meeting starts, from day and hour in Swedish time."""
        return datetime.combine(self.day.data, self.hour.data, SWEDEN)


    def show(self, page: Planned) -> None:
        """Begin with the meeting as it is planned now."""
        local = page.card.starts_at.astimezone(SWEDEN)
        place = page.card.place if isinstance(page.card.place, str) else None
        for name, value in (("day", local.date()), ("hour", local.time()), ("place", place), ("version", page.card.version)):
            self[name].process_data(value)
        self.asked.process_data([person.token for person in page.people if person.is_asked])


def as_planned(page: Planned) -> dict[str, Any]:
    """When and where the meeting is planned now, to be shown beside what somebody typed who came too late."""
    form = MeetingForm(formdata=None)
    form.show(page)
    rows = [(field.name, field.label.text, field.typed) for field in (form.day, form.hour, form.place)]
    return {"version": page.card.version, "rows": rows}


class AgendaForm(Form):
    """Which further cases come on the agenda."""

    cases = ChoicesField(_l("Ärenden att lägga till"), needed=_l("Välj minst ett ärende."))


class RoomForm(Form):
    """Who is in the room. `room` is the state of the room the page was made from."""

    present = ChoicesField(_l("Vilka är här?"), needed=_l("Kryssa i minst en som är här."))
    room = HiddenField()


class CaseForm(RoomForm):
    """Everything said of one case. The commitments' own fields are added by `case_form`."""

    case = HiddenField()
    #: "1": what was decided before is not for everybody in the room, so this text is added to it
    adds = HiddenField()
    decision = TextArea(_l("Beslut och det viktigaste som sades"), rows=3, max_length=4000)
    next_on = DateField(
        _l("Nästa genomgång"),
        lean="future",
        earliest=clock.today,
        hint=_l("Till exempel om 2 veckor"),
    )

    def said(self) -> Said:
        """What was said, ready to be saved. Statuses that were left as they were shown are not among it."""
        rows = [(self[f"what_{n}"].data, self[f"who_{n}"].data, self[f"by_{n}"].data) for n in range(NEW_ROWS)]
        return Said(
            decision=self.decision.data or "",
            adds=self.adds.data == "1",
            statuses=[one for field in self if field.name.startswith("status_") and (one := self._new_status(field))],
            new=[NewCommitment(what, who, by) for what, who, by in rows if what and who],
            next_on=self.next_on.data,
        )

    def so_far(self) -> Said:
        """All that was typed, checked or not: what cannot be saved in its place yet becomes lines of the decision.

        For the moment the room changes, when the page is made anew for other eyes and nothing may be lost.
        """
        self.validate()
        loose = [self.next_on.typed] if self.next_on.errors else []
        for n in range(NEW_ROWS):
            what, by = self[f"what_{n}"], self[f"by_{n}"]
            if by.errors or not (what.data and self[f"who_{n}"].data):
                loose.append(f"{what.typed} {by.typed}".strip())
                what.data = None
        return replace(self.said(), decision="\n".join(filter(None, [self.decision.typed, *loose])))

    def typed_texts(self) -> list[str]:
        """All that was typed in words or days, in the order of the page: for when the page that comes back has no place for it."""
        rows = [f"{part}_{n}" for n in range(NEW_ROWS) for part in ("what", "by")]
        return [text for name in ("decision", *rows, "next_on") if (text := self[name].typed)]

    def uses_further_rows(self) -> bool:
        """Whether there is something in the rows for new commitments after the first."""
        return any(self[f"{part}_{n}"].data or self[f"{part}_{n}"].errors for n in range(1, NEW_ROWS) for part in ("what", "who", "by"))

    def _new_status(self, field: Any) -> NewStatus | None:
        commitment_id = field.name.removeprefix("status_")
        version, _dot, shown = (self[f"seen_{commitment_id}"].data or "").partition(".")
        if not field.data or field.data == shown:
            return None
        return NewStatus(commitment_id, field.data, int(version) if version.isdigit() else None)

    def validate(self, extra_validators: Any = None) -> bool:
        """A new commitment needs both what and who."""
        fine = super().validate(extra_validators)
        for n in range(NEW_ROWS):
            what, who = self[f"what_{n}"], self[f"who_{n}"]
            if what.data and not who.data and not who.errors:
                who.errors = [_("Välj vem som ska göra det.")]
                fine = False
            if (who.data or self[f"by_{n}"].data) and not what.data and not what.errors:
                what.errors = [_("Skriv vad som ska göras.")]
                fine = False
        return bool(fine)


def case_form(commitment_ids: Iterable[str], makers: Sequence[tuple[str, str]]) -> CaseForm:
    """The form of a case with these commitments; new ones can be made by `makers`, as (value, label)."""

    class Asked(CaseForm):
        pass

    for commitment_id in commitment_ids:
        status = CodeField(_l("Status"), "CommitmentStatus", without=("late",), look="segments")
        setattr(Asked, f"status_{commitment_id}", status)
        setattr(Asked, f"seen_{commitment_id}", HiddenField())
    for n in range(NEW_ROWS):
        setattr(Asked, f"what_{n}", TextField(_l("Vad ska göras?"), max_length=500))
        setattr(Asked, f"who_{n}", ChoiceField(_l("Vem?"), choices=list(makers), look="select"))
        setattr(Asked, f"by_{n}", DateField(_l("Senast"), lean="future", earliest=clock.today, width=10))
    return Asked()


def chosen_ids(posted: Iterable[str]) -> list[str]:
    """Those of the posted values that are ids at all."""
    return [value for value in posted if re.fullmatch(_UUID, value)]


def makers(agencies: Iterable[AgencyCard]) -> list[tuple[str, str]]:
    """Who can take something on, for a form."""
    youth, guardian = FAMILY_MAKERS
    return [*((agency.id, agency.name) for agency in agencies), (youth, _("Den unge")), (guardian, _("Vårdnadshavare"))]


def posted_case_form(posted: Any) -> CaseForm:
    """The form as it came back, without reading the case again: whether what it names may be written is for the action to say."""
    ids = [found[1] for name in posted if (found := re.fullmatch(rf"status_({_UUID})", name))]
    chosen = {posted.get(f"who_{n}", "") for n in range(NEW_ROWS)}
    offered = [(value, value) for value in chosen if value in FAMILY_MAKERS or re.fullmatch(_UUID, value)]
    form = case_form(ids, offered)
    form.present.choices = [(token, token) for token in posted.getlist("present")]
    return form


def form_on_screen(page: Live, *, stale: bool = False) -> CaseForm:
    """The form for the page: what is stored, and on top of it what was typed if this answers a post.

    A draft that is in use stands there as what was typed, on the version it was typed for. `stale`: the typed text was not saved
    because somebody else saved; sent again, it is meant to take that one's place.
    """
    case = page.case
    shown = case.plan.commitments if case and case.plan else ()
    form = case_form([card.id for card in shown], makers(case.makers if case else ()))
    offer_people(form.present, page.people, page.agency_names)
    form.present.process_data([person.token for person in page.people if person.is_present])
    form.room.process_data(page.room)
    form.case.process_data(case.item.case_id if case and case.can_be_written else None)
    for card in shown:
        status = form[f"status_{card.id}"]
        if status.data is None:
            status.process_data(card.reported)
        form[f"seen_{card.id}"].process_data(f"{card.version}.{card.reported}")
    is_new = not form.is_submitted() and not form.is_from_draft
    if case and (stale or is_new):
        form.version.process_data(case.item.version)
    if case:
        form.adds.process_data("" if isinstance(case.decision, str) else "1")
    if case and is_new:
        form.decision.process_data(case.decision if isinstance(case.decision, str) and case.decision else None)
        form.next_on.process_data(case.next_on)
    return form


def offer_people(
    field: ChoicesField, people: Iterable[Attendee], agency_names: dict[str, str], notes: Mapping[str, str] | None = None
) -> None:
    """Offer these people in a field, those already asked first; `notes`: token → what is said beside somebody."""
    ordered = sorted(people, key=lambda person: not person.is_asked)
    said = notes or {}
    field.choices = [
        (person.token, called(person, agency_names.get(person.agency_id or "", "")), said.get(person.token, "")) for person in ordered
    ]

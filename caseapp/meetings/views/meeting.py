"""The pages of meetings: the list, planning one, the shared screen, the record."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import Permission, StaleForm, keeps_draft, may_ever, needs, today
from caseapp.accounts.sessions import do_not_prolong
from caseapp.accounts.signed_in import current_actor
from caseapp.cases.views.printing import asks_before_printing
from caseapp.drafts.actions import Place
from caseapp.drafts.views import begin as begin_draft
from caseapp.followup.actions import follow_ups_due, needs_now

from .. import actions, leading
from ..cards import Live, Planned
from ..forms import (
    NEW_ROWS,
    AgendaForm,
    CaseForm,
    MeetingForm,
    RoomForm,
    as_planned,
    called,
    chosen_ids,
    form_on_screen,
    offer_people,
    posted_case_form,
    type_words,
    work_form_words,
)
from ..room import watch
from ..rules import MEMBER, YOUNG_PERSON, Attendee, agencies_in_the_room
from ..turns import the_round
from ..words import notes_on_people, sentences, why_words
from .page import blueprint, to_meeting


@blueprint.get("/meetings")
@needs(Permission.LIST_MEETINGS)
def listing() -> str:
    """The meetings to come and those that have been."""
    coming, past = actions.list_meetings(current_actor())
    may_plan = may_ever(current_actor(), Permission.PLAN_MEETING)
    return render_template("meetings/list.html", coming=coming, past=past, may_plan=may_plan)


@blueprint.route("/meetings/new", methods=["GET", "POST"])
@needs(Permission.PLAN_MEETING)
def new() -> Any:
    """Plan a team's meeting."""
    return _plan(None)


@blueprint.route("/cases/<uuid:case_id>/meetings/new", methods=["GET", "POST"])
@needs(Permission.PLAN_MEETING)
def new_about(case_id: UUID) -> Any:
    """Plan a meeting about one case."""
    return _plan(str(case_id))


def _plan(case_id: str | None) -> Any:
    actor = current_actor()
    asking = actions.who_could_be_asked(actor, case_id)
    form = MeetingForm()
    if case_id is None:
        del form.kind
    form.team.choices = [(team.id, team.name) for team in asking.teams]
    if len(asking.teams) == 1:
        form.team.process_data(asking.teams[0].id)
    notes = notes_on_people(asking.foreseen, {person.token: person.agency_id for person in asking.people})
    offer_people(form.asked, asking.people, asking.agency_names, notes)
    if not form.is_submitted():
        form.asked.process_data([person.token for person in asking.people if _is_asked_first(person) and person.token not in notes])
    if form.validate_on_submit():
        meeting_id = actions.plan_meeting(
            actor,
            form.team.data,
            meeting_type=form.kind.data if case_id else "team",
            starts_at=form.starts_at(),
            place=form.place.data or "",
            asked=form.asked.data,
            case_id=case_id,
            once=form.once_key(),
        )
        return redirect(url_for(".meeting", meeting_id=meeting_id), code=303)
    return render_template("meetings/new.html", form=form, asking=asking, case_id=case_id)


def _is_asked_first(person: Attendee) -> bool:
    """Who is proposed: the team; the young person and the custodians at their own meeting. Who sees less there has a note instead."""
    return person.kind in (MEMBER, YOUNG_PERSON) or person.role == "custodian"


@blueprint.get("/meetings/<uuid:meeting_id>")
@needs(Permission.LIST_MEETINGS)
@keeps_draft(_l("Anteckning på möte"), owner="home", kind="plan")
def meeting(meeting_id: UUID) -> str:
    """The meeting as it is now: planned, on the shared screen, or its record."""
    page = actions.open_meeting(
        current_actor(), str(meeting_id), case_id=request.args.get("case"), needs_now=needs_now, follow_ups=follow_ups_due
    )
    if isinstance(page, Live):
        _let_keep_drafts(page)
        return _live(page)
    if isinstance(page, Planned):
        return _planned(page)
    return render_template("meetings/record.html", page=page, names=_names(page.people, page.agency_names), epoch=page.watch)


@blueprint.get("/cases/<uuid:case_id>/minutes/<uuid:held_id>")
@needs(Permission.READ_MINUTES)
@asks_before_printing("minutes")
def minutes(case_id: UUID, held_id: UUID) -> str:
    """The minutes of one case, as they go to paper. The address names the meeting so that the page closes with the case."""
    page = actions.read_minutes(current_actor(), str(case_id), str(held_id))
    return render_template("meetings/minutes.html", page=page, names=_names(page.people, page.agency_names), today=today())


def _let_keep_drafts(page: Live) -> None:
    """What is typed about the case on the screen is kept for whoever leads the meeting; their draft is named there and not shown."""
    case = page.case
    if case and case.can_be_written:
        case_id = case.item.case_id
        begin_draft(Place(url_for(".meeting", meeting_id=page.card.id, case=case_id), case_id, "home", "plan"))


def _planned(page: Planned) -> str:
    room, agenda = RoomForm(formdata=None), AgendaForm(formdata=None)
    offer_people(room.present, [person for person in page.people if person.is_asked], page.agency_names)
    room.present.process_data([person.token for person in page.people if person.is_asked])
    agenda.cases.choices = [(bar.case_id, f"{bar.case_number} {bar.initials}".strip()) for bar in page.others]
    numbers = {} if page.card.case_id else {item.case_id: item.case_number for item in page.agenda}
    names = {person.token: str(person.name) if person.kind == MEMBER else called(person) for person in page.people}
    ahead = sentences(page.foreseen, names, numbers)
    why = {case_id: why_words(one) for case_id, one in page.why.items()}
    return render_template("meetings/planned.html", page=page, room=room, agenda=agenda, epoch=page.watch, ahead=ahead, why=why)


def _live(page: Live, form: CaseForm | None = None, *, stale: bool = False) -> str:
    shown, case = form or form_on_screen(page), page.case
    return render_template(
        "meetings/live.html",
        page=page,
        form=shown,
        stale=stale,
        unsaved=shown.typed_texts() if shown.is_submitted() and not (case and case.can_be_written) else [],
        names=_names(page.people, page.agency_names),
        more_typed=shown.uses_further_rows(),
        new_rows=NEW_ROWS,
        turns=the_round(case.plan.commitments, agencies_in_the_room(page.people)) if case and case.plan else (),
        narrowings=[(one.agency_name, type_words(one.types)) for one in case.narrowings] if case else [],
        form_words=work_form_words(case.bar.work_form) if case and case.bar else "",
        place=next((at for at, item in enumerate(page.agenda, 1) if case and item.case_id == case.item.case_id), 0),
        epoch=page.watch,
    )


def _names(people: Any, agency_names: dict[str, str]) -> dict[str, str]:
    return {person.token: called(person, agency_names.get(person.agency_id or "", "")) for person in people}


@blueprint.post("/meetings/<uuid:meeting_id>")
@needs(Permission.LEAD_MEETING)
@keeps_draft(_l("Anteckning på möte"), owner="home", kind="plan")
def save(meeting_id: UUID) -> Any:
    """Save what was said, and who is here, and go where the pressed button says: room, later, done or end."""
    return _save(str(meeting_id))


def _save(meeting_id: str) -> Any:
    actor, form, pressed = current_actor(), posted_case_form(request.form), request.form.get("go", "later")
    case_id, following = form.case.data, None
    try:
        if case_id and pressed == "room":
            leading.save_case(actor, meeting_id, case_id, form.so_far(), done=False, version=form.version.data, once=form.once_key())
        elif case_id and not form.validate():
            return _again(meeting_id, case_id)
        elif case_id:
            following = leading.save_case(
                actor, meeting_id, case_id, form.said(), done=pressed == "done", version=form.version.data, once=form.once_key()
            )
    except StaleForm:
        return _again(meeting_id, case_id, stale=True)
    if not leading.take_attendance(actor, meeting_id, request.form.getlist("present"), seen=form.room.data):
        flash(_("Någon annan ändrade vilka som är här. Kontrollera närvaron."), "warning")
    if pressed == "room":
        following = next(iter(chosen_ids([request.form.get("shown", "")])), None)
    elif pressed == "later" and not case_id:
        following = leading.next_case(actor, meeting_id, request.form.get("shown", ""))
    elif pressed == "end":
        leading.end_meeting(actor, meeting_id)
        following = None
    return redirect(url_for(".meeting", meeting_id=meeting_id, case=following), code=303)


def _again(meeting_id: str, case_id: str, *, stale: bool = False) -> Any:
    """The page once more with everything that was typed, because it could not be saved."""
    page = actions.open_meeting(current_actor(), meeting_id, case_id=case_id, needs_now=needs_now)
    if not isinstance(page, Live):
        raise StaleForm  # ended elsewhere: there is no page to write on any more
    form = form_on_screen(page, stale=stale)
    if not stale:
        form.validate()
    return _live(page, form, stale=stale), 409 if stale else 422


@blueprint.post("/meetings/<uuid:meeting_id>/start")
@needs(Permission.LEAD_MEETING)
def start(meeting_id: UUID) -> Response:
    """Begin, or take up again."""
    leading.start_meeting(current_actor(), str(meeting_id), request.form.getlist("present"))
    return to_meeting(meeting_id)


@blueprint.route("/meetings/<uuid:meeting_id>/change", methods=["GET", "POST"])
@needs(Permission.PLAN_MEETING)
def change(meeting_id: UUID) -> Any:
    """Another time, place, or more people."""
    actor = current_actor()
    page = actions.open_meeting(actor, str(meeting_id))
    if not isinstance(page, Planned):
        return to_meeting(meeting_id)
    form = MeetingForm()
    del form.kind, form.team
    offer_people(form.asked, page.people, page.agency_names)
    if form.validate_on_submit():
        try:
            actions.change_meeting(
                actor,
                str(meeting_id),
                starts_at=form.starts_at(),
                place=form.place.data or "",
                asked=form.asked.data,
                version=form.version.data,
                once=form.once_key(),
            )
        except StaleForm:
            raise StaleForm(as_planned(page)) from None
        return to_meeting(meeting_id)
    if not form.is_submitted():
        form.show(page)
    return render_template("meetings/change.html", form=form, page=page)


@blueprint.post("/meetings/<uuid:meeting_id>/call-off")
@needs(Permission.PLAN_MEETING)
def call_off(meeting_id: UUID) -> Response:
    """Remove a meeting that never began."""
    actions.call_off(current_actor(), str(meeting_id))
    flash(_("Mötet är inställt."), "good")
    return redirect(url_for(".listing"), code=303)  # type: ignore[return-value]


@blueprint.get("/meetings/<uuid:meeting_id>/epoch")
@needs(Permission.LIST_MEETINGS)
def epoch(meeting_id: UUID) -> tuple[str, dict[str, str]]:
    """What an open page compares with, to notice that it shows what was right before."""
    do_not_prolong()
    return watch(current_actor(), str(meeting_id)), {"Content-Type": "text/plain"}

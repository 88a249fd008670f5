"""The young person and the people around."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from caseapp.access import Permission, StaleForm, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import status_of
from caseapp.formats import PersonalNumber, PersonalNumberError, parse_personal_number

from .. import actions
from ..forms import RelatedForm, YoungPersonForm
from ..reading import YoungCard
from ..starting import DuplicateCase
from .page import blueprint, say, say_duplicate, to


@blueprint.route("/cases/<case_id>/young-person", methods=["GET", "POST"])
@needs(Permission.WRITE_CASE)
def young_person(case_id: str) -> Any:
    """Who the young person is."""
    actor = current_actor()
    bar, young, kept = actions.read_young(actor, case_id)
    form = YoungPersonForm(version=young.version, **_answers_of(young, kept))
    form.stored_phone, form.stored_address = _text(young.phone), _text(young.address)
    if form.validate_on_submit():
        try:
            actions.change_young(actor, case_id, form.person(), version=form.version.data, once=form.once_key())
            say(_("Ändringen är sparad."))
            return to("cases.overview", case_id=case_id)
        except DuplicateCase as twin:
            say_duplicate(form, twin)
        except StaleForm as stale:
            raise StaleForm(_beside(young, stale.current)) from None
    return render_template("cases/young_person.html", form=form, bar=bar), status_of(form)


def _text(shown: Any) -> str:
    return shown if isinstance(shown, str) else ""


def _answers_of(young: YoungCard, kept: Any) -> dict[str, Any]:
    kind = {"none": "none", "reservnummer": "temporary"}.get(young.id_type, "number")
    return {
        "name": young.name or None,
        "id_kind": kind,
        "number": _number(kept) if kind == "number" else None,
        "temporary_number": kept if kind == "temporary" else None,
        "born": young.born if kind != "number" else None,
        "sex": young.sex,
        "protected": young.protected or "none",
        "phone": young.phone or None,
        "address": young.address or None,
    }


def _number(kept: Any) -> PersonalNumber | None:
    try:
        return parse_personal_number(kept, today=today()) if isinstance(kept, str) else None
    except PersonalNumberError:
        return None


def _beside(young: YoungCard, current: Any) -> dict[str, Any]:
    stored = current if isinstance(current, YoungCard) else young
    rows = [("name", _("Namn"), stored.name), ("phone", _("Telefon"), stored.phone), ("address", _("Adress"), stored.address)]
    return {"version": stored.version, "rows": rows}


@blueprint.route("/cases/<case_id>/people/new", methods=["GET", "POST"])
@needs(Permission.WRITE_CASE)
def new_related(case_id: str) -> Any:
    """Somebody more around the young person."""
    actor = current_actor()
    bar, _nobody = actions.read_related(actor, case_id)
    form = RelatedForm(role=request.args.get("role"), protected="none")
    form.has_home_address = actions.has_home_address(actor, case_id)
    if form.validate_on_submit():
        actions.add_related(actor, case_id, form.person(), once=form.once_key())
        say(_("Personen är tillagd."))
        return to("cases.overview", case_id=case_id)
    return render_template("cases/related.html", form=form, bar=bar, person=None), status_of(form)


@blueprint.route("/cases/<case_id>/people/<person_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_CASE)
def related(case_id: str, person_id: str) -> Any:
    """Change somebody around the young person."""
    actor = current_actor()
    bar, person = actions.read_related(actor, case_id, person_id)
    assert person is not None
    form = RelatedForm(
        version=person.version, name=person.name or None, role=person.role, phone=person.phone or None, protected=person.protected or "none"
    )
    form.stored_phone, form.has_home_address = _text(person.phone), actions.has_home_address(actor, case_id)
    if form.validate_on_submit():
        try:
            actions.change_related(actor, case_id, person_id, form.person(), version=form.version.data, once=form.once_key())
        except StaleForm as stale:
            rows = [("name", _("Namn"), stale.current.name), ("phone", _("Telefon"), stale.current.phone)]
            raise StaleForm({"version": stale.current.version, "rows": rows}) from None
        say(_("Ändringen är sparad."))
        return to("cases.overview", case_id=case_id)
    return render_template("cases/related.html", form=form, bar=bar, person=person), status_of(form)


@blueprint.post("/cases/<case_id>/people/<person_id>/end")
@needs(Permission.WRITE_CASE)
def end_related(case_id: str, person_id: str) -> Any:
    """Somebody is no longer current. Can be undone."""
    actions.end_related(current_actor(), case_id, person_id)
    way_back = url_for("cases.return_related", case_id=case_id, person_id=person_id)
    say(_("Personen visas inte längre som aktuell."), undo=way_back)
    return to("cases.overview", case_id=case_id)


@blueprint.post("/cases/<case_id>/people/<person_id>/return")
@needs(Permission.WRITE_CASE)
def return_related(case_id: str, person_id: str) -> Any:
    """Take the end back."""
    actions.end_related(current_actor(), case_id, person_id, ended=False)
    return to("cases.overview", case_id=case_id)

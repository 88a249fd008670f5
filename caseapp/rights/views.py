"""The pages of what the young person has a right to: making an extract, the paper, remarks."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from caseapp.access import Permission, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.cases.remarks import AGENCY, CORRECTION, OBJECTION
from caseapp.cases.views.printing import asks_before_printing
from caseapp.fields import language, status_of
from caseapp.followup.experience import statements

from . import actions
from .actions import ExtractProblem, Preparation
from .extract import Item
from .forms import YOUNG, RemarkForm, extract_form
from .remarks import read_about, read_remarks, write_remark

blueprint = Blueprint("rights", __name__)

#: In the order of the paper: kind of item → its heading.
SECTIONS = {
    "young": _l("Den unge"),
    "related": _l("Du som vårdnadshavare"),
    "case": _l("Ärendet"),
    "consent": _l("Samtycken"),
    "measure": _l("Kartläggning och uppföljning"),
    "guardian": _l("Det vårdnadshavare har sagt"),
    "plan": _l("Planen"),
    "goal": _l("Mål"),
    "commitment": _l("Åtaganden"),
    "intervention": _l("Insatser"),
    "plan_version": _l("Planen när den gicks igenom"),
    "agreement": _l("Svar på planen"),
    "meeting": _l("Beslut vid möten"),
    "note": _l("Anteckningar"),
}
_SAYS = {
    "unknown_asker": _l("Den du valde är inte vårdnadshavare i ärendet. Välj någon i listan."),
    "not_identified": _l("Välj hur identiteten kontrollerades."),
    "ground_unknown": _l("Välj vilken bestämmelse som gör att uppgiften inte lämnas ut."),
    "reason_missing": _l("Skriv varför uppgiften inte lämnas ut."),
    "items_changed": _l("Uppgifter har tillkommit eller ändrats sedan sidan öppnades. Gå igenom listan igen och gör sedan utdraget."),
}


@blueprint.get("/cases/<case_id>/extracts")
@needs(Permission.MAKE_EXTRACT)
def extracts(case_id: str) -> str:
    """The extracts that were made."""
    return render_template("rights/extracts.html", page=actions.list_extracts(current_actor(), case_id))


@blueprint.route("/cases/<case_id>/extracts/new", methods=["GET", "POST"])
@needs(Permission.MAKE_EXTRACT)
def new_extract(case_id: str) -> Any:
    """Make an extract: who asks, how they were identified, and what is withheld."""
    actor = current_actor()
    page = actions.prepare_extract(actor, case_id)
    form = extract_form(page.items, language="sv")
    form.asker.choices = _askers(page)
    if form.validate_on_submit():
        try:
            extract_id = actions.make_extract(
                actor,
                case_id,
                asker=form.asker_id(),
                identified_by=form.identified_by.data,
                identified_how=form.identified_how.data or "",
                language=form.language.data,
                withheld=form.withheld(),
                seen=form.seen(),
                once=form.once_key(),
            )
        except ExtractProblem as problem:
            form.form_errors.append(_SAYS[problem.code])
        else:
            flash(_("Utdraget är gjort. Skriv ut det härifrån."), "success")
            return redirect(url_for("rights.sheet", case_id=case_id, extract_id=extract_id), code=303)
    shown = render_template("rights/new_extract.html", form=form, page=page, sections=_grouped(page.items), questions=_questions(form))
    return shown, status_of(form)


def _askers(page: Preparation) -> list[tuple[str, Any]]:
    young, *custodians = page.askers
    named = [(str(one.person_id), one.name if isinstance(one.name, str) else _("Vårdnadshavare")) for one in custodians]
    return [(YOUNG, _("Den unge, %(name)s", name=young.name) if isinstance(young.name, str) else _("Den unge")), *named]


def _questions(form: Any) -> dict[str, Any]:
    return {one.item.id: one for one in form.fields_of()}


def _grouped(items: tuple[Item, ...]) -> list[tuple[str, Any, list[Item]]]:
    """[(kind, heading, items)] in the order of the paper."""
    here = [(kind, heading, [item for item in items if item.kind == kind]) for kind, heading in SECTIONS.items()]
    return [one for one in here if one[2]]


@blueprint.get("/cases/<case_id>/extracts/<extract_id>")
@needs(Permission.MAKE_EXTRACT)
@asks_before_printing("extract")
def sheet(case_id: str, extract_id: str) -> Any:
    """The extract, to be printed; in its own language, whatever language the page around it has."""
    actor = current_actor()
    wanted = next(iter([one.language for one in actions.list_extracts(actor, case_id).extracts if one.id == extract_id]), "sv")
    with force_locale(wanted):
        page = actions.read_sheet(actor, case_id, extract_id, somebody=_("[annan person]"))
        drawn = render_template("rights/sheet.html", page=page, sections=_grouped(page.items), headings=SECTIONS, lang=wanted)
    return render_template("rights/paper.html", page=page, sheet=Markup(drawn), language=wanted)  # noqa: S704 - our own template


# -- remarks ---------------------------------------------------------------------------------------------------------------


@blueprint.get("/cases/<case_id>/remarks")
@needs(Permission.READ_CASE)
def remarks(case_id: str) -> str:
    """Every correction and objection in the case."""
    return render_template("rights/remarks.html", page=read_remarks(current_actor(), case_id), about=ABOUT)


#: What a remark stands beside, in words.
ABOUT = {
    "case": _l("Ärendet"),
    "young_person": _l("Den unge"),
    "related_person": _l("Person omkring"),
    "note": _l("Anteckning"),
    "measure": _l("Kartläggning eller uppföljning"),
    "consent": _l("Samtycke"),
}


@blueprint.route("/cases/<case_id>/remarks/<item_id>/new", methods=["GET", "POST"])
@needs(Permission.WRITE_NOTE)
def new_remark(case_id: str, item_id: str) -> Any:
    """Put something right, or write down that somebody does not agree."""
    actor = current_actor()
    page = read_about(actor, case_id, item_id)
    form = RemarkForm()
    if not page.may_correct:
        form.what.choices = [choice for choice in form.what.choices if choice[0] != CORRECTION]
    if form.validate_on_submit():
        what = form.what.data
        write_remark(
            actor,
            case_id,
            item_id,
            kind=CORRECTION if what == CORRECTION else OBJECTION,
            voice=AGENCY if what == CORRECTION else what,
            part=form.part.data or "",
            was=form.was.data or "",
            becomes=form.becomes.data or "",
            text=form.text.data,
            once=form.once_key(),
        )
        flash(_("Det är antecknat och visas bredvid uppgiften. Det som stod där finns kvar."), "success")
        return redirect(url_for("rights.remarks", case_id=case_id), code=303)
    shown = render_template("rights/remark.html", form=form, page=page, about=ABOUT[page.kind])
    return shown, status_of(form)


def statement(who: str, item: str) -> str:
    """A statement that the young person or the custodians answered, in words; the item's code for one that is no longer asked."""
    asked = statements(who)
    return asked[item].label(language()) if item in asked else item


blueprint.add_app_template_global(statement, "statements")

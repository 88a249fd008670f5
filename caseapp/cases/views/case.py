"""The first page of a case, its facts, its number, its history, its end."""

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.access import Permission, StaleForm, keeps_draft, needs, today
from caseapp.accounts.sessions import do_not_prolong
from caseapp.accounts.signed_in import ROLE_WORDS, current_actor
from caseapp.fields import language, status_of
from caseapp.followup.front import Front, read_front

from .. import actions
from ..actions import ClosedBeforeOpened
from ..forms import CloseForm, FactsForm
from ..history import read_history
from ..participation import read_epoch
from ..readers import read_readers
from ..starting import DuplicateCase
from .page import blueprint, made_from, page_number, say, to
from .printing import asks_before_printing


@blueprint.get("/cases/<case_id>")
@needs(Permission.READ_CASE)
def overview(case_id: str) -> str:
    """The first page of a case."""
    return _overview(case_id)


def _overview(case_id: str, **shown: Any) -> str:
    front = read_front(current_actor(), case_id)
    return render_template("cases/overview.html", case=front.case, front=front, step=_next_step(front), **shown)


def _next_step(front: Front) -> tuple[str, str, str] | None:
    """(address, what, label) of what the coordinator should do next to get the case going; None when there is nothing to push for."""
    case = front.case
    bar, young, consent = case.bar, case.people.young, case.bar.consent
    if Permission.MANAGE_CONSENT not in case.may or not bar.is_open:
        return None
    here: dict[str, Any] = {"case_id": bar.case_id}
    if young.born is None:
        return url_for("cases.young_person", **here), _("Den unges födelsedag saknas"), _("Fyll i")
    if not case.people.custodians and (young.age or 0) < 18:
        return url_for("cases.new_related", role="custodian", **here), _("Ingen vårdnadshavare är registrerad"), _("Lägg till")
    if consent.state in ("none", "withdrawn", "expired"):
        return url_for("consent.ask", **here), _("Inget samtycke gäller"), _("Be om samtycke")
    if consent.state == "pending":
        waiting = _("Väntar på underskrift (%(signed)s av %(needed)s)", signed=consent.signed, needed=consent.needed)
        return url_for("consent.answers", consent_id=consent.consent_id, **here), waiting, _("Registrera svar")
    if case.outlook.renewing is not None:
        new = case.outlook.renewing
        waiting = _("Förnyelsen väntar på underskrift (%(signed)s av %(needed)s)", signed=new.signed, needed=new.needed)
        return url_for("consent.answers", consent_id=new.id, **here), waiting, _("Registrera svar")
    latest_id = case.outlook.successor.id if case.outlook.successor else consent.consent_id
    if case.outlook.renewals.get(latest_id):
        return url_for("consent.ask", renew=latest_id, **here), _("Samtycket behöver förnyas"), _("Förnya")
    if consent.ends_soon and case.outlook.successor is None:
        return url_for("consent.ask", renew=consent.consent_id, **here), _("Samtycket går snart ut"), _("Förnya")
    if front.latest is None:
        return url_for("followup.edit_mapping", **here), _("Ingen kartläggning är gjord"), _("Gör kartläggningen")
    if not front.plan.current_goals and not front.plan.commitments:
        return url_for("plans.plan", **here), _("Planen är tom"), _("Gör upp planen")
    return None


@blueprint.get("/cases/<case_id>/epoch")
@needs(Permission.READ_CASE)
def epoch(case_id: str) -> Any:
    """A number that changes whenever somebody may read something else in this case; asked by open pages each second."""
    do_not_prolong()
    return read_epoch(current_actor(), case_id), 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.post("/cases/<case_id>/number")
@needs(Permission.REVEAL_NUMBER)
def number(case_id: str) -> str:
    """The overview with the whole identity number. The log tells."""
    return _overview(case_id, number=actions.reveal_number(current_actor(), case_id))


@blueprint.get("/cases/<case_id>/history/extract")
@needs(Permission.READ_HISTORY)
@asks_before_printing("readers")
def readers(case_id: str) -> str:
    """Who has read, for the young person or a guardian, to be printed."""
    return render_template("cases/readers.html", page=read_readers(current_actor(), case_id), roles=ROLE_WORDS, on=today())


@blueprint.get("/cases/<case_id>/history")
@needs(Permission.READ_HISTORY)
def history(case_id: str) -> str:
    """Who has been in the case."""
    return render_template("cases/history.html", history=read_history(current_actor(), case_id, page=page_number()))


@blueprint.route("/cases/<case_id>/facts", methods=["GET", "POST"])
@needs(Permission.WRITE_CASE)
@keeps_draft(_l("Uppgifter om ärendet"), owner="home", kind="assessment")
def facts(case_id: str) -> Any:
    """Status, referral source and concerns."""
    case = actions.read_case(current_actor(), case_id)
    form = FactsForm(
        version=case.version,
        status=case.bar.status,
        opened_on=case.bar.opened_on,
        referral_source=case.referral_source,
        concerns=case.concerns if isinstance(case.concerns, tuple) else (),
    )
    if not case.bar.is_open:
        form.status.choices = [(case.bar.status, _("Avslutat. Öppna ärendet igen för att ändra status."))]
    if form.validate_on_submit():
        try:
            actions.change_facts(
                current_actor(),
                case_id,
                status=form.status.data,
                opened_on=form.opened_on.data,
                referral_source=form.referral_source.data,
                concerns=form.concerns.data or (),
                version=form.version.data,
                once=form.once_key(),
            )
        except StaleForm:
            case = actions.read_case(current_actor(), case_id)
            return render_template("cases/facts.html", form=made_from(form, case.version), bar=case.bar, stored=_facts_in_words(case)), 409
        say(_("Ändringen är sparad."))
        return to("cases.overview", case_id=case_id)
    return render_template("cases/facts.html", form=form, bar=case.bar), status_of(form)


def _facts_in_words(case: actions.Overview) -> list[tuple[str, str]]:
    """[(question, answer)] as it is stored now, for the page that shows it beside what was typed."""
    lang = language()
    concerns = case.concerns if isinstance(case.concerns, tuple) else ()
    return [
        (_("Status"), codelists.label("CaseStatus", case.bar.status, lang) if case.bar.status else ""),
        (_("Vem tog initiativet?"), codelists.label("ReferralSource", case.referral_source, lang) if case.referral_source else ""),
        (_("Vad gäller oron?"), ", ".join(codelists.label("Concern", code, lang) for code in concerns)),
    ]


@blueprint.route("/cases/<case_id>/close", methods=["GET", "POST"])
@needs(Permission.CLOSE_CASE)
@keeps_draft(_l("Avslut"), owner="home", kind="outcome")
def close(case_id: str) -> Any:
    """Close the case."""
    actor = current_actor()
    case = actions.read_case(actor, case_id)
    form = CloseForm(version=case.version, ending="closed", closed_on=today())
    if form.validate_on_submit():
        try:
            actions.close_case(
                actor,
                case_id,
                reason=form.reason.data,
                closed_on=form.closed_on.data,
                summary=form.summary.data or "",
                started=form.ending.data == "closed",
                version=form.version.data,
                once=form.once_key(),
            )
        except StaleForm:
            case = actions.read_case(actor, case_id)
            return render_template("cases/close.html", form=made_from(form, case.version), bar=case.bar, stored=_facts_in_words(case)), 409
        except ClosedBeforeOpened as refused:
            form.closed_on.errors = [_("Ärendet öppnades %(day)s. Skriv den dagen eller en senare.", day=refused.opened_on.isoformat())]
        else:
            say(_("Ärendet är avslutat."), undo=url_for("cases.reopen", case_id=case_id), label=_("Öppna igen"))
            return to("cases.overview", case_id=case_id)
    return render_template("cases/close.html", form=form, bar=case.bar), status_of(form)


@blueprint.post("/cases/<case_id>/reopen")
@needs(Permission.CLOSE_CASE)
def reopen(case_id: str) -> Any:
    """Open a closed case again."""
    try:
        actions.reopen_case(current_actor(), case_id)
    except DuplicateCase:
        flash(_("Personen har ett annat öppet ärende i teamet nu. Fortsätt i det."), "warning")
    else:
        say(_("Ärendet är öppet igen."))
    return to("cases.overview", case_id=case_id)

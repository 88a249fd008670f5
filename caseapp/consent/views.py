"""The pages of consent: what holds and who reads what, asking, answering, withdrawing."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from caseapp import codelists
from caseapp.access import AlreadyDone, NotFound, Permission, StaleForm, keeps_draft, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.cases.consenting import ConsentPage, ask_for_consent, read_consent, read_consent_paper, register_answers
from caseapp.cases.readers import read_shared
from caseapp.cases.views.printing import asks_before_printing
from caseapp.fields import language, status_of
from caseapp.formats import age, date_words

from .actions import ConsentProblem, withdraw_consent
from .forms import AskForm, WithdrawForm, answers_form
from .reading import ConsentCard
from .rules import ALWAYS_COVERED

blueprint = Blueprint("consent", __name__)

_SAYS = {
    "birth_date_missing": _l("Den unges födelsedag saknas. Fyll i den under Översikt, så att det går att se vem som ska skriva under."),
    "no_custodian": _l("Ingen vårdnadshavare är registrerad. Lägg till den som ska skriva under, under Översikt."),
    "ends_before_start": _l("Slutet ligger före början. Kontrollera de två datumen."),
    "outside_team": _l("Välj bland verksamheterna i ärendets team. Ett samtycke kan inte omfatta andra."),
    "no_other_agency": _l("Välj minst en verksamhet utöver samordnarens."),
    "nothing_to_share": _l("Välj minst en sorts uppgifter utöver namn och identitet."),
    "not_open_for_answers": _l("Samtycket tar inte emot fler svar. Gäller det redan, registrera en återkallelse i stället."),
    "nothing_to_withdraw": _l("Det finns inget kvar att återkalla i det samtycket."),
    "only_whole": _l("Namn och identitet ingår alltid. Återkalla hela samtycket i stället."),
    "youth_waived": _l("Den unges egen underskrift kan inte hoppas över."),
    "reason_needed": _l("Skriv varför personen inte kan nås."),
    "day_needed": _l("Skriv vilken dag svaret gavs."),
    "day_in_future": _l("Dagen ligger i framtiden. Skriv idag eller en tidigare dag."),
    "method_needed": _l("Välj hur samtycket gavs."),
    "all_waived": _l("Minst en person måste ha svarat. Samtycke kan inte ersättas helt av att ingen har kunnat nås."),
    "unknown_decision": _l("Välj ett svar."),
}
#: Languages the form on paper exists in.
PAPER_LANGUAGES = ("sv", "en")
_CONCERNS = {
    "reason_needed": "reason",
    "day_needed": "decided_on",
    "day_in_future": "decided_on",
    "method_needed": "method",
    "too_young": "decided_on",
}
_ASKED_AT = {"outside_team": "agencies", "no_other_agency": "agencies", "nothing_to_share": "types", "ends_before_start": "valid_to"}
#: A day that a renewal can be asked to begin on; a word, because a birthday has no place in an address.
ON_THE_BIRTHDAY = "birthday"


@blueprint.errorhandler(AlreadyDone)
def _already_done(_error: AlreadyDone) -> Any:
    return redirect(url_for("consent.page", **(request.view_args or {}) | {"consent_id": None}), code=303)


@blueprint.get("/cases/<case_id>/consent")
@needs(Permission.READ_CONSENT)
def page(case_id: str) -> str:
    """What holds, who may read what now, and earlier consents."""
    return render_template("consent/page.html", page=read_consent(current_actor(), case_id))


@blueprint.route("/cases/<case_id>/consent/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_CONSENT)
@keeps_draft(_l("Begäran om samtycke"))
def ask(case_id: str) -> Any:
    """Ask for consent; with `renew` in the address, filled in from the consent that is renewed; with `start=birthday`, from that day on."""
    actor = current_actor()
    shown = read_consent(actor, case_id)
    renewed = next((one for one in shown.consents if one.id == request.args.get("renew")), None)
    at_birthday = bool(shown.birthdays) and request.args.get("start") == ON_THE_BIRTHDAY
    start = shown.birthdays[0] if at_birthday else max(today(), renewed.valid_from) if renewed else today()
    form = AskForm(**_begin(shown, renewed, actor.name, start))
    partners = shown.partners
    form.agencies.choices = [(agency.id, agency.name) for agency in partners]
    form.without.choices = [(f"{agency.id}|{kind}", kind) for agency in partners for kind, _label in form.types.choices]
    if form.validate_on_submit():
        try:
            consent_id = ask_for_consent(
                actor,
                case_id,
                agency_ids=form.agencies.data,
                types=form.types.data,
                without=form.exceptions(),
                valid_from=form.valid_from.data,
                valid_to=form.valid_to.data,
                purpose=form.purpose.data,
                language=form.language.data,
                informed_on=form.informed_on.data,
                informed_by=form.informed_by.data,
                paper_reference=form.paper_reference.data or "",
                renews_id=renewed.id if renewed else "",
                once=form.once_key(),
            )
        except ConsentProblem as problem:
            _say_on(form, problem, shown)
        else:
            flash(_("Samtycket väntar på underskrift. Registrera svaren när de kommer."), "success")
            return redirect(url_for("consent.answers", case_id=case_id, consent_id=consent_id), code=303)
    return render_template(
        "consent/ask.html", form=form, page=shown, renewed=renewed, start=start, start_word=ON_THE_BIRTHDAY if at_birthday else None
    ), status_of(form)


def _begin(shown: ConsentPage, renewed: ConsentCard | None, informed_by: str, start: date) -> dict[str, Any]:
    begin: dict[str, Any] = {
        "agencies": [agency.id for agency in shown.partners if agency.actor not in shown.rule.rules.unticked],
        "types": (),
        "without": (),
        "purpose": "sspf_cooperation" if shown.bar.work_form == "sspf" else "sig_cooperation" if "sig" in shown.bar.work_form else None,
        "valid_from": start,
        "valid_to": shown.latest_from(start),
        "informed_on": today(),
        "informed_by": informed_by,
        "language": "sv",
    }
    if renewed is None:
        return begin
    agencies = {agency for agency, _kind in renewed.scope}
    kinds = {kind for _agency, kind in renewed.scope}
    left_out = [f"{agency}|{kind}" for agency in agencies for kind in kinds if (agency, kind) not in renewed.scope]
    return begin | {
        "agencies": [agency.id for agency in shown.partners if agency.id in agencies],
        "types": [kind for kind in kinds if kind != ALWAYS_COVERED],
        "without": left_out,
        "purpose": renewed.purpose or begin["purpose"],
        "language": renewed.language or "sv",
    }


def _say_on(form: AskForm, problem: ConsentProblem, shown: ConsentPage) -> None:
    if problem.code == "too_long":
        months, last = shown.rule.rules.longest_months, shown.latest_from(form.valid_from.data)
        form.valid_to.errors = [
            ngettext(
                "Enligt kommunens regel får ett samtycke gälla högst %(num)s månad, här till %(day)s. Välj en tidigare dag.",
                "Enligt kommunens regel får ett samtycke gälla högst %(num)s månader, här till %(day)s. Välj en tidigare dag.",
                months,
                day=date_words(last, language()),
            )
        ]
    elif problem.code in _ASKED_AT:
        form[_ASKED_AT[problem.code]].errors = [_SAYS[problem.code]]
    else:
        form.form_errors.append(_SAYS[problem.code])


@blueprint.route("/cases/<case_id>/consent/<consent_id>/answers", methods=["GET", "POST"])
@needs(Permission.MANAGE_CONSENT)
@keeps_draft(_l("Svar om samtycke"))
def answers(case_id: str, consent_id: str) -> Any:
    """Register what each signatory answered."""
    actor = current_actor()
    shown = read_consent(actor, case_id)
    consent = _consent(shown, consent_id)
    form, questions = answers_form(consent, today())
    if form.validate_on_submit():
        edition = form.edition.data or ""
        try:
            state = register_answers(
                actor,
                case_id,
                consent_id,
                [question.answer() for question in questions],
                paper_reference=form.paper_reference.data or "",
                edition=int(edition) if edition.isascii() and edition.isdigit() else None,
                once=form.once_key(),
            )
        except ConsentProblem as problem:
            if problem.place is None:
                form.form_errors.append(_SAYS[problem.code])
            else:
                says = _too_young(shown, consent) if problem.code == "too_young" else _SAYS[problem.code]
                getattr(questions[problem.place], _CONCERNS.get(problem.code, "decision")).errors = [says]
        except StaleForm:
            shown = read_consent(actor, case_id)
            consent = _consent(shown, consent_id)
            form.edition.data = form.edition.typed = str(consent.edition)
            return render_template("consent/answers.html", form=form, questions=questions, page=shown, consent=consent, is_stale=True), 409
        else:
            flash(_told(state), "success" if state == "active" else "info")
            return redirect(url_for("consent.page", case_id=case_id), code=303)
    return render_template("consent/answers.html", form=form, questions=questions, page=shown, consent=consent), status_of(form)


def _too_young(shown: ConsentPage, consent: ConsentCard) -> str:
    first = shown.first_day_to_sign(consent)
    return _(
        "Enligt regeln kan den unge skriva under först från %(age)s år, den %(day)s. Registrera svaret när det har getts då.",
        age=age(shown.people.young.born, first) if shown.people.young.born and first else "",
        day=date_words(first, language()) if first else "",
    )


def _told(state: str) -> str:
    told = {
        "active": _("Samtycket gäller nu."),
        "not_yet_valid": _("Alla har skrivit under. Samtycket börjar gälla den första dagen i perioden."),
        "declined": _("Svaren är sparade. Samtycke gavs inte, så inget delas."),
        "pending": _("Svaren är sparade. Samtycket gäller när alla som behövs har svarat ja."),
    }
    return told.get(state, _("Svaren är sparade."))


@blueprint.get("/cases/<case_id>/consent/<consent_id>/paper")
@needs(Permission.MANAGE_CONSENT)
@asks_before_printing("consent")
def paper(case_id: str, consent_id: str) -> str:
    """What the family is asked, to sign on paper; in Swedish or English, whatever language the page around it has."""
    shown = read_consent_paper(current_actor(), case_id)
    consent = _consent(shown, consent_id)
    wanted = request.args.get("language", "en" if consent.language == "en" else "sv")
    wanted = wanted if wanted in PAPER_LANGUAGES else "sv"
    with force_locale(wanted):
        sheet = render_template("consent/sheet.html", page=shown, consent=consent, lang=wanted)
    return render_template("consent/paper.html", page=shown, consent=consent, sheet=Markup(sheet), language=wanted)  # noqa: S704 - our own template


@blueprint.get("/cases/<case_id>/consent/<consent_id>/shared")
@needs(Permission.MANAGE_CONSENT)
def shared(case_id: str, consent_id: str) -> str:
    """What has been shared under this consent, and with whom."""
    return render_template("consent/shared.html", page=read_shared(current_actor(), case_id, consent_id))


@blueprint.route("/cases/<case_id>/consent/<consent_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.MANAGE_CONSENT)
@keeps_draft(_l("Återkallelse av samtycke"))
def withdraw(case_id: str, consent_id: str) -> Any:
    """Register a withdrawal. It closes at once."""
    actor = current_actor()
    shown = read_consent(actor, case_id)
    consent = _consent(shown, consent_id)
    form = WithdrawForm(what="whole")
    form.what.choices = _withdrawable(shown, consent)
    if form.validate_on_submit():
        kind, _colon, code = form.what.data.partition(":")
        try:
            left = withdraw_consent(
                actor,
                case_id,
                consent_id,
                received_from=form.received_from.data,
                received_how=form.received_how.data,
                agency_id=code if kind == "agency" else None,
                covered_type=code if kind == "type" else None,
                once=form.once_key(),
            )
        except ConsentProblem as problem:
            form.form_errors.append(_SAYS[problem.code])
        else:
            flash(_("Samtycket är återkallat. Inget delas längre.") if left == "withdrawn" else _("Återkallelsen gäller nu."), "success")
            return redirect(url_for("consent.page", case_id=case_id), code=303)
    return render_template("consent/withdraw.html", form=form, page=shown, consent=consent), status_of(form)


def _withdrawable(shown: ConsentPage, consent: ConsentCard) -> list[Any]:
    kinds = codelists.codelist("InformationType")
    covered = {kind for _agency, kind in consent.scope}
    agencies = [(f"agency:{one.id}", _("Bara för %(agency)s", agency=one.name)) for one in shown.partners if consent.types_of(one.id)]
    types = [
        (f"type:{kind}", _("Bara %(what)s", what=kinds[kind].label(language()).lower()))
        for kind in kinds
        if kind in covered and kind != ALWAYS_COVERED
    ]
    return [("whole", _("Hela samtycket")), *agencies, *types]


def _consent(shown: ConsentPage, consent_id: str) -> ConsentCard:
    found = next((one for one in shown.consents if one.id == consent_id), None)
    if found is None:
        raise NotFound("not_found", Permission.MANAGE_CONSENT, shown.bar.case_id)
    return found

"""Decisions to disclose without consent, and the register of sharing. A refused form comes back with the rule at its field."""

from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import AlreadyDone, NotFound, Permission, Refused, keeps_draft, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.consent.forms import DiscloseForm, InformedForm, ShareForm
from caseapp.consent.sharing import OTHER, Shared
from caseapp.fields import language, status_of
from caseapp.formats import date_words

from .. import disclosing
from ..disclosing import DisclosurePage, DisclosureProblem, RegisterPage, Wanted
from .page import blueprint, say, to

OUTSIDE = "outside"
#: Code of a broken rule → (the field it is said at, the sentence).
_SAYS = {
    "unknown_ground": ("ground", _l("Grunden finns inte längre i listan. Välj en annan.")),
    "ground_not_in_force": ("ground", _l("Grunden gäller inte idag. Välj en annan.")),
    "ground_not_from": ("ground", _l("Er verksamhet kan inte lämna ut på den grunden. Välj en annan.")),
    "age_unknown": ("ground", _l("Grunden har en åldersgräns, och födelsedagen går inte att läsa. Välj en annan grund.")),
    "too_old": ("ground", _l("Den unge är för gammal för den grunden. Välj en annan.")),
    "not_to_outside": ("to", _l("På den grunden kan uppgifter bara lämnas till en verksamhet i teamet.")),
    "recipient_needed": ("recipient", _l("Skriv vem utanför teamet det gäller.")),
    "to_itself": ("to", _l("Uppgifterna är redan er egna. Välj en annan mottagare.")),
    "agency_not_in_team": ("to", _l("Verksamheten hör inte till teamet. Välj en annan mottagare.")),
    "ground_not_to": ("to", _l("På den grunden kan uppgifter inte lämnas till den verksamheten.")),
    "nothing_to_disclose": ("types", _l("Välj minst en sorts uppgifter.")),
    "weighing_needed": ("weighing", _l("Skriv hur ni har vägt. Grunden kräver det.")),
    "reason_needed": ("why_not_informed", _l("Skriv när någon informerades, eller varför det inte har skett än.")),
    "informed_in_future": ("informed_on", _l("Dagen ligger i framtiden. Skriv idag eller en tidigare dag.")),
    "ends_before_start": ("valid_to", _l("Beslutet gäller från idag. Välj idag eller en senare dag.")),
    "ground_ends": ("valid_to", _l("Grunden upphör före den dagen. Välj en tidigare dag.")),
    "past_the_age": ("valid_to", _l("Den unge blir för gammal för grunden före den dagen. Välj en tidigare dag.")),
    "day_in_future": ("shared_on", _l("Dagen ligger i framtiden. Skriv idag eller en tidigare dag.")),
    "ground_in_words": ("note", _l("Skriv vilken grunden är.")),
    "how_needed": ("how", _l("Välj hur.")),
    "not_your_agency": ("direction", _l("Er verksamhet ska vara den som lämnade eller fick uppgifterna.")),
}
#: What an agreement or a revocation that came too late says.
_TOO_LATE = {
    "not_awaiting": _l("Beslutet väntar inte längre på någon."),
    "same_person": _l("Den som har beslutat kan inte också vara den andra. Be en kollega i er verksamhet som deltar i ärendet."),
    "ground_not_in_force": _l("Grunden gäller inte längre."),
    "nothing_to_revoke": _l("Beslutet gäller inte längre, så det finns inget att återkalla."),
}


@blueprint.get("/cases/<case_id>/disclosures")
@needs(Permission.READ_CONSENT)
def disclosures(case_id: str) -> str:
    """The decisions of the case."""
    return render_template("cases/disclosures.html", page=disclosing.read_disclosing(current_actor(), case_id))


@blueprint.route("/cases/<case_id>/disclosures/new", methods=["GET", "POST"])
@needs(Permission.DISCLOSE)
@keeps_draft(_l("Beslut om utlämnande"))
def disclose(case_id: str) -> Any:
    """Decide to disclose what one's own agency holds."""
    actor = current_actor()
    page = disclosing.read_disclosing(actor, case_id, to_decide=True)
    if page.why_not:
        raise Refused(page.why_not, Permission.DISCLOSE, case_id)
    form = DiscloseForm()
    _offer_grounds(form, page)
    if form.validate_on_submit():
        outside = form.to.data == OUTSIDE
        wanted = Wanted(
            ground=form.ground.data,
            to_agency_id=None if outside else form.to.data,
            types=form.types.data,
            valid_to=form.valid_to.data,
            weighing=form.weighing.data or "",
            recipient=form.recipient.data or "",
            informed_on=form.informed_on.data,
            why_not_informed=form.why_not_informed.data or "",
        )
        try:
            disclosing.decide_disclosure(actor, case_id, wanted, once=form.once_key())
        except DisclosureProblem as problem:
            _say_at(form, problem.code)
        except AlreadyDone:
            return to("cases.disclosures", case_id=case_id)
        else:
            two = page.grounds[wanted.ground].two_decide
            say(_("Beslutet väntar på den andra som beslutar.") if two else _("Beslutet gäller nu."))
            return to("cases.disclosures", case_id=case_id)
    return render_template("cases/disclose.html", form=form, page=page), status_of(form)


def _offer_grounds(form: DiscloseForm, page: DisclosurePage) -> None:
    lang = language()
    form.ground.choices = [(one.code, one.label(lang), _conditions(one, lang)) for one in page.offered]
    form.to.choices = [(agency.id, agency.name) for agency in page.others] + [(OUTSIDE, _("Någon utanför teamet"))]


def _conditions(ground: Any, lang: str) -> str:
    parts = [ground.statute + ".", ground.conditions(lang), _("Högst %(days)s dagar.", days=ground.longest_days)]
    return " ".join([*parts, *([_("Två personer beslutar.")] if ground.two_decide else [])])


def _say_at(form: Any, code: str) -> None:
    if code == "too_long":
        last = date_words(disclosing.latest_of(form.ground.data), language())
        form.valid_to.errors = [_("På den grunden får ett beslut gälla högst till %(day)s. Välj en tidigare dag.", day=last)]
        return
    name, sentence = _SAYS[code]
    name = {"to": "other", "recipient": "counterpart"}.get(name, name) if name not in form else name
    form[name].errors = [sentence]


@blueprint.post("/cases/<case_id>/disclosures/<decision_id>/agree")
@needs(Permission.DISCLOSE)
def agree(case_id: str, decision_id: str) -> Any:
    """The second decider agrees."""
    try:
        disclosing.agree_to_disclosure(current_actor(), case_id, decision_id)
    except DisclosureProblem as problem:
        return _too_late(case_id, problem)
    say(_("Beslutet gäller nu."))
    return to("cases.disclosures", case_id=case_id)


@blueprint.post("/cases/<case_id>/disclosures/<decision_id>/revoke")
@needs(Permission.DISCLOSE)
def revoke(case_id: str, decision_id: str) -> Any:
    """Take a decision back, at once."""
    try:
        disclosing.revoke_disclosure(current_actor(), case_id, decision_id)
    except DisclosureProblem as problem:
        return _too_late(case_id, problem)
    say(_("Beslutet är återkallat. Det delas inte längre."))
    return to("cases.disclosures", case_id=case_id)


@blueprint.route("/cases/<case_id>/disclosures/<decision_id>/informed", methods=["GET", "POST"])
@needs(Permission.DISCLOSE)
def informed(case_id: str, decision_id: str) -> Any:
    """Note that somebody has been told of a decision."""
    actor = current_actor()
    page = disclosing.read_disclosing(actor, case_id)
    if decision_id not in page.may_inform:
        raise NotFound("not_found", Permission.DISCLOSE, case_id)
    form = InformedForm(informed_on=today())
    if form.validate_on_submit():
        disclosing.note_informed(actor, case_id, decision_id, form.informed_on.data)
        say(_("Det är antecknat."))
        return to("cases.disclosures", case_id=case_id)
    return render_template("cases/informed.html", form=form, page=page, decision_id=decision_id), status_of(form)


def _too_late(case_id: str, problem: DisclosureProblem) -> Any:
    page = disclosing.read_disclosing(current_actor(), case_id)
    return render_template("cases/disclosures.html", page=page, refused=_TOO_LATE[problem.code]), 409


# -- the register ------------------------------------------------------------------------------------------------------


@blueprint.get("/cases/<case_id>/sharing")
@needs(Permission.READ_CONSENT)
def sharing(case_id: str) -> str:
    """The register of sharing."""
    return render_template("cases/sharing.html", page=disclosing.read_register(current_actor(), case_id), words=register_words())


@blueprint.get("/cases/<case_id>/sharing/paper")
@needs(Permission.READ_CONSENT)
def sharing_paper(case_id: str) -> str:
    """The register, to be printed."""
    page = disclosing.read_register(current_actor(), case_id, to_print=True)
    return render_template("cases/sharing_paper.html", page=page, words=register_words(), today=today())


@blueprint.route("/cases/<case_id>/sharing/new", methods=["GET", "POST"])
@needs(Permission.REGISTER_SHARING)
@keeps_draft(_l("Rad i registret över delning"))
def share(case_id: str) -> Any:
    """Write a line in the register."""
    actor = current_actor()
    page = disclosing.read_register(actor, case_id)
    form = ShareForm(shared_on=today())
    _offer_sides(form, page)
    if form.validate_on_submit():
        other = None if form.other.data == OUTSIDE else form.other.data
        kind, _colon, ground_id = form.ground.data.partition(":")
        is_out = form.direction.data == "out"
        shared = Shared(
            from_agency_id=actor.agency_id if is_out else other,
            to_agency_id=other if is_out else actor.agency_id,
            types=form.types.data,
            ground_kind=kind,
            ground_id=ground_id or None,
            shared_on=form.shared_on.data,
            how=form.how.data,
            counterpart=(form.counterpart.data or "") if other is None else "",
            note=form.note.data or "",
        )
        try:
            disclosing.register_sharing(actor, case_id, shared, once=form.once_key())
        except DisclosureProblem as problem:
            _say_at(form, problem.code)
        except AlreadyDone:
            return redirect(url_for("cases.sharing", case_id=case_id), code=303)
        else:
            say(_("Raden är skriven i registret."))
            return to("cases.sharing", case_id=case_id)
    return render_template("cases/share.html", form=form, page=page), status_of(form)


def _offer_sides(form: ShareForm, page: RegisterPage) -> None:
    form.direction.choices = [("out", _("Vi lämnade uppgifter")), ("in", _("Vi fick uppgifter"))]
    form.other.choices = [(agency.id, agency.name) for agency in page.others] + [(OUTSIDE, _("Någon utanför teamet"))]
    form.ground.choices = [(f"{one.kind}:{one.id}", ground_words(page, one.id)) for one in page.hand_overs.values()]
    form.ground.choices += [(OTHER, _("Annan grund"), _("Till exempel den andra verksamhetens eget beslut."))]


def ground_words(page: RegisterPage, ground_id: str | None) -> str:
    """The ground of a line in words: a consent or a decision with its period, or another."""
    one = page.hand_overs.get(ground_id or "")
    if one is None:
        return _("Annan grund")
    period = f"{one.valid_from.isoformat()} – {one.valid_to.isoformat()}"
    if one.kind == "consent":
        return _("Samtycke, %(period)s", period=period)
    named = page.ground_names.get(one.ground)
    if named is None:
        return _("Utlämnande, %(period)s", period=period)
    return _("Utlämnande, %(period)s: %(ground)s", period=period, ground=named.label(language()))


def register_words() -> dict[str, str]:
    """How something was shared, in words."""
    return {
        "oral": _("Muntligt"),
        "phone": _("Telefon"),
        "paper": _("Papper"),
        "digital": _("Digitalt"),
        "system": _("I systemet"),
        "excerpt": _("Utdrag ur planen"),
    }


blueprint.add_app_template_global(ground_words, "sharing_ground")

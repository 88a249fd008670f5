"""The rules of who must sign a consent: the built-in ones and the municipality's own, copied, changed, and seen version by version.

For administrators. Which rule a work form uses is chosen with the municipality's other settings.
"""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from caseapp.access import AlreadyDone, Permission, needs
from caseapp.codelists.rule_sets import age_of_majority
from caseapp.consent.actions import (
    AgeRule,
    NamedRuleSet,
    RuleProblem,
    RuleSetHistory,
    Wording,
    offer_rule_set,
    read_rule_set,
    read_rule_sets,
    rewrite_rule_set,
    write_rule_set,
)
from caseapp.fields import status_of

from ..forms import RULE_LINES, RuleSetForm
from ..signed_in import current_actor
from .blueprint import blueprint, both_texts


@blueprint.get("/settings/consent-rules")
@needs(Permission.MANAGE_SETTINGS)
def rule_sets() -> str:
    """Every rule set: what it says, and which work forms use it."""
    return render_template("accounts/rule_sets.html", histories=read_rule_sets(current_actor()))


@blueprint.route("/settings/consent-rules/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def new_rule_set() -> Any:
    """A rule set of one's own, begun from a copy of another."""
    actor = current_actor()
    copied = read_rule_set(actor, request.args.get("copy") or "default").newest
    form = RuleSetForm(**_answers_of(copied, name="", name_en=""))
    if form.validate_on_submit():
        try:
            set_id = write_rule_set(actor, _wording(form), copied_from=copied.rules.code, once=form.once_key())
        except AlreadyDone:
            return redirect(url_for("accounts.rule_sets"), code=303)
        except RuleProblem as problem:
            _say_on(form, problem)
        else:
            flash(_("Regeln är sparad. Välj under Kommunen vilka arbetsformer som ska använda den."), "success")
            return redirect(url_for("accounts.rule_set_versions", set_id=set_id), code=303)
    return _page(form, copied=copied), status_of(form)


@blueprint.route("/settings/consent-rules/<set_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def rule_set(set_id: str) -> Any:
    """A new version of a rule set of one's own."""
    actor = current_actor()
    kept = _own(set_id)
    form = RuleSetForm(version=kept.newest.number, **_answers_of(kept.newest, name=kept.newest.sv, name_en=kept.newest.en))
    if form.validate_on_submit():
        try:
            with both_texts(form):
                number = rewrite_rule_set(actor, set_id, _wording(form), number=form.version.data, once=form.once_key())
        except AlreadyDone:
            return redirect(url_for("accounts.rule_set_versions", set_id=set_id), code=303)
        except RuleProblem as problem:
            _say_on(form, problem)
        else:
            if number == kept.newest.number:
                flash(_("Inget var ändrat, så det blev ingen ny version."), "info")
            else:
                flash(_("Version %(number)s är sparad och gäller nya samtycken från och med nu.", number=number), "success")
            return redirect(url_for("accounts.rule_set_versions", set_id=set_id), code=303)
    return _page(form, kept=kept), status_of(form)


@blueprint.get("/settings/consent-rules/<set_id>/versions")
@needs(Permission.MANAGE_SETTINGS)
def rule_set_versions(set_id: str) -> str:
    """The versions of a rule set of one's own, who made each, when, and what changed."""
    return render_template("accounts/rule_set_versions.html", kept=_own(set_id))


@blueprint.post("/settings/consent-rules/<set_id>/offer")
@needs(Permission.MANAGE_SETTINGS)
def offer_rules(set_id: str) -> Any:
    """Offer a rule set for work forms again, or no longer."""
    offered = request.form.get("offered") == "1"
    try:
        offer_rule_set(current_actor(), set_id, offered=offered)
    except RuleProblem:
        flash(_("Regeln används och kan inte tas bort ur valen. Välj först en annan regel för arbetsformen, under Kommunen."), "warning")
    else:
        done = _("Regeln går att välja.") if offered else _("Regeln går inte längre att välja. Samtycken som hör till den ändras inte.")
        flash(done, "success")
    return redirect(url_for("accounts.rule_sets"), code=303)


def _own(set_id: str) -> RuleSetHistory:
    kept = read_rule_set(current_actor(), set_id)
    return kept if kept.newest.is_own else abort(404)


def _page(form: RuleSetForm, **shown: Any) -> str:
    return render_template("accounts/rule_set.html", form=form, places=range(RULE_LINES), majority=age_of_majority(), **shown)


def _answers_of(one: NamedRuleSet, **named: Any) -> dict[str, Any]:
    answers = named | {"longest_months": one.rules.longest_months, "unticked": sorted(one.rules.unticked)}
    for place, band in enumerate([band for band in one.rules.bands if band.under is not None][:RULE_LINES]):
        answers |= {f"under_{place}": band.under, f"custodians_{place}": band.custodians, f"youth_{place}": band.youth}
    return answers


def _wording(form: RuleSetForm) -> Wording:
    below = [AgeRule(under, custodians, youth) for _place, under, custodians, youth in form.lines()]
    return Wording(
        name=form.name.data,
        name_en=form.name_en.data or "",
        bands=(*below, AgeRule(None, "none", True)),
        longest_months=form.longest_months.data,
        unticked=frozenset(form.unticked.data or ()),
    )


def _say_on(form: RuleSetForm, problem: RuleProblem) -> None:
    """Say what is wrong at the field where it can be put right."""
    end, lines = age_of_majority(), form.lines()
    if problem.code == "name_taken":
        form.name.errors = [_("Det finns redan en regel som heter så. Skriv ett annat namn.")]
    elif problem.code == "overlap" and problem.place:
        place, before = lines[problem.place][0], lines[problem.place - 1][1]
        form[f"under_{place}"].errors = [
            _("Raden före gäller redan alla under %(age)s år. Skriv en högre ålder, annars gäller två rader för samma ålder.", age=before)
        ]
    elif problem.code == "gap" and not lines:
        form["under_0"].errors = [_("Skriv minst en rad, som gäller under %(end)s år. Annars har ingen yngre en regel.", end=end)]
    elif problem.code == "gap":
        place, last = lines[-1][:2]
        form[f"under_{place}"].errors = [
            _(
                "Raderna slutar vid %(last)s år. Den sista raden måste gälla under %(end)s år, annars saknar åldrarna däremellan en regel.",
                last=last,
                end=end,
            )
        ]
    elif problem.code == "nobody_signs" and problem.place is not None:
        form[f"custodians_{lines[problem.place][0]}"].errors = [
            _("Någon måste skriva under. Välj vårdnadshavare, eller kryssa i att den unge skriver under.")
        ]
    else:
        form.form_errors.append(_("Regeln kan inte sparas så här. Kontrollera åldrarna och antalet månader."))

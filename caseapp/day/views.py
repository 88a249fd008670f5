"""The first page: what waits, in words, each with the way to where it is done."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from caseapp.access import Actor, Permission, may_ever, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import language
from caseapp.formats import day_words, days_away

from . import actions
from .actions import Ledger, MyDay, Task

blueprint = Blueprint("day", __name__)


@blueprint.get("/")
@needs(Permission.OWN_ACCOUNT)
def my_day() -> str:
    """My day."""
    actor = current_actor()
    day = actions.my_day(actor)
    return render_template("day/my_day.html", day=day, tasks=[_in_words(task) for task in day.tasks], ways=_ways(actor, day))


def _in_words(task: Task) -> dict[str, Any]:
    title, do, endpoint = _say(task)
    about = f"{task.case_number} · {task.initials}" if task.initials else task.case_number
    if task.acts_for:
        about = _("%(about)s · som ersättare för %(name)s", about=about, name=task.acts_for)
    return {"title": title, "about": about, "action": do, "url": url_for(endpoint, case_id=task.case_id), "tone": task.matter.tone}


def _say(task: Task) -> tuple[str, str, str]:
    """The title, what to do, and the page where it is done."""
    matter, lang = task.matter, language()
    if matter.kind == "consent_none":
        return _("Samtycke saknas"), _("Fråga om samtycke"), "consent.page"
    if matter.kind == "consent_pending":
        return _("Underskrift saknas (%(count)s av %(of)s)", count=matter.count, of=matter.of), _("Se samtycke"), "consent.page"
    if matter.kind == "consent_expired":
        return _("Samtycket gick ut %(day)s", day=day_words(matter.on, lang)), _("Förnya"), "consent.page"
    if matter.kind == "consent_ends":
        return _("Samtycket går ut %(when)s", when=days_away(matter.on, lang)), _("Förnya"), "consent.page"
    if matter.kind == "signer_changes":
        return _("Födelsedag %(day)s: andra ska skriva under", day=day_words(matter.on, lang)), _("Förnya"), "consent.page"
    if matter.kind == "plan_review":
        return _("Planen ska följas upp %(when)s", when=days_away(matter.on, lang)), _("Öppna plan"), "plans.plan"
    if matter.kind == "later_followup":
        return _("Uppföljning %(months)s månader efter avslut", months=matter.count), _("Följ upp"), "followup.follow_up"
    agency = task.late.agency_name if task.late else ""
    late = ngettext("%(num)s dag", "%(num)s dagar", matter.count)
    return _("Åtagande försenat %(days)s: %(agency)s", days=late, agency=agency), _("Öppna plan"), "plans.plan"


def _ways(actor: Actor, day: MyDay) -> list[dict[str, str]]:
    """What people of other roles do first, in words."""
    ways = []
    if may_ever(actor, Permission.DECIDE_MEMBERS):
        ways.append({"url": url_for("members.teams"), "title": _("Teamet"), "text": _about_members(day)})
    if day.quarters is not None:
        ways.append({"url": url_for("statistics.listing"), "title": _("Kvartalets tabeller"), "text": _about_quarters(day.quarters)})
    if may_ever(actor, Permission.READ_LOG):
        text = _("Se vem som har läst och ändrat, och följ upp det som avviker.")
        ways.append({"url": url_for("accounts.log"), "title": _("Loggen"), "text": text})
    if may_ever(actor, Permission.MANAGE_SETTINGS):
        text = _("Bjud in, ändra roller och ställ in kommunens regler.")
        ways.append({"url": url_for("accounts.settings"), "title": _("Personer och inställningar"), "text": text})
    return ways


def _about_members(day: MyDay) -> str:
    waiting = day.waiting
    told = [
        ngettext("%(num)s person väntar på ditt godkännande.", "%(num)s personer väntar på ditt godkännande.", waiting.proposals),
        ngettext("%(num)s frånvaro att bekräfta.", "%(num)s frånvaro att bekräfta.", waiting.leaves),
        ngettext("%(num)s ärende saknar samordnare.", "%(num)s ärenden saknar samordnare.", waiting.alone),
    ]
    said = [words for words, count in zip(told, (waiting.proposals, waiting.leaves, waiting.alone), strict=True) if count]
    return " ".join(said) or _("Inget väntar. Här ser du vilka som arbetar i teamet.")


def _about_quarters(ledger: Ledger) -> str:
    if ledger.waiting and ledger.may_approve:
        return _("%(quarter)s väntar på att du granskar och godkänner.", quarter=ledger.waiting.quarter)
    if ledger.waiting:
        return _("%(quarter)s väntar på godkännande av en enhetschef.", quarter=ledger.waiting.quarter)
    if ledger.choices and ledger.may_prepare:
        return _("%(quarter)s kan förberedas nu.", quarter=ledger.choices[0])
    return _("Inget kvartal väntar.")

"""The first page: what waits, in words, each with the way to where it is done."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
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
    way = url_for(endpoint, case_id=task.case_id, **_to_consent(task, endpoint))
    return {"title": title, "about": about, "action": do, "url": way, "tone": task.matter.tone}


def _to_consent(task: Task, endpoint: str) -> dict[str, Any]:
    """What the address needs besides the case: the consent that is renewed, and from when; or the one that is answered."""
    if endpoint == "consent.ask" and task.consent_id:
        return {"renew": task.consent_id} | ({"start": "birthday"} if task.matter.kind == "signer_changes" else {})
    return {"consent_id": task.consent_id} if endpoint == "consent.answers" else {}


#: Where other people than those who were asked decide by now: the title, what to do, and the page where it is done.
_OTHER_PEOPLE = {
    "custody_changed_signed": (_l("Vårdnaden har ändrats: samtycket behöver förnyas"), _l("Förnya"), "consent.ask"),
    "age_changed_signed": (_l("Andra ska skriva under nu: samtycket behöver förnyas"), _l("Förnya"), "consent.ask"),
    "custody_changed_asked": (_l("Vårdnaden har ändrats: fel personer är tillfrågade"), _l("Se samtycke"), "consent.page"),
    "age_changed_asked": (_l("Andra ska skriva under nu: fel personer är tillfrågade"), _l("Se samtycke"), "consent.page"),
}


def _say(task: Task) -> tuple[str, str, str]:
    """The title, what to do, and the page where it is done."""
    matter, lang = task.matter, language()
    if matter.kind == "consent_none":
        return _("Samtycke saknas"), _("Fråga om samtycke"), "consent.page"
    if matter.kind == "consent_pending":
        return _("Underskrift saknas (%(count)s av %(of)s)", count=matter.count, of=matter.of), _("Se samtycke"), "consent.page"
    if matter.kind in _OTHER_PEOPLE:
        title, do, endpoint = _OTHER_PEOPLE[matter.kind]
        return str(title), str(do), endpoint
    if matter.kind == "renewal_pending":
        waits = _("Förnyelsen väntar på underskrift (%(signed)s av %(needed)s)", signed=matter.count, needed=matter.of)
        return waits, _("Registrera svar"), "consent.answers"
    if matter.kind == "consent_expired":
        return _("Samtycket gick ut %(day)s", day=day_words(matter.on, lang)), _("Förnya"), "consent.ask"
    if matter.kind == "consent_ends":
        return _("Samtycket går ut %(when)s", when=days_away(matter.on, lang)), _("Förnya"), "consent.ask"
    if matter.kind == "signer_changes":
        return _("Födelsedag %(day)s: andra ska skriva under", day=day_words(matter.on, lang)), _("Förnya"), "consent.ask"
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
    if day.quarters is not None:
        ways.append({"url": url_for("statistics.listing"), "title": _("Kvartalets tabeller"), "text": _about_quarters(day.quarters)})
    if may_ever(actor, Permission.READ_LOG):
        text = _("Se vem som har läst och ändrat, och följ upp det som avviker.")
        ways.append({"url": url_for("accounts.log"), "title": _("Loggen"), "text": text})
    if may_ever(actor, Permission.MANAGE_SETTINGS):
        text = _("Bjud in, ändra roller och ställ in kommunens regler.")
        ways.append({"url": url_for("accounts.settings"), "title": _("Personer och inställningar"), "text": text})
    return ways


def _about_quarters(ledger: Ledger) -> str:
    if ledger.waiting and ledger.may_approve:
        return _("%(quarter)s väntar på att du granskar och godkänner.", quarter=ledger.waiting.quarter)
    if ledger.waiting:
        return _("%(quarter)s väntar på godkännande av en enhetschef.", quarter=ledger.waiting.quarter)
    if ledger.choices and ledger.may_prepare:
        return _("%(quarter)s kan förberedas nu.", quarter=ledger.choices[0])
    return _("Inget kvartal väntar.")

"""The first page: what waits, in words, each with the way to where it is done."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from caseapp.access import Actor, Permission, may_ever, needs, today
from caseapp.accounts.sessions import this_session
from caseapp.accounts.signed_in import current_actor
from caseapp.codelists import label
from caseapp.fields import language
from caseapp.formats import day_words, days_away, local_day, weekday_date, weekday_time
from caseapp.meetings.missed import Missed
from caseapp.review.queue import Waiting

from . import actions
from .actions import EmergencyCard, Ledger, MyDay, Task
from .since import ChangedCase

blueprint = Blueprint("day", __name__)


@blueprint.get("/")
@needs(Permission.OWN_ACCOUNT)
def my_day() -> str:
    """My day."""
    actor = current_actor()
    day = actions.my_day(actor, came_at=this_session().stored.begun)
    tasks = [*map(_to_review, day.emergencies), *map(_asked, day.questions), *map(_in_words, day.tasks), *map(_to_read, day.missed)]
    changed = [(one, _changes_in_words(one)) for one in day.changed]
    todays = [card for card in day.meetings if local_day(card.starts_at) == today()]
    later = [card for card in day.meetings if card not in todays]
    return render_template(
        "day/my_day.html", day=day, tasks=tasks, todays=todays, later=later, ways=_ways(actor, day), changed=changed
    )


def _to_read(missed: Missed) -> dict[str, Any]:
    """A meeting somebody was not at: gone when they have read what was decided."""
    kind = label("MeetingType", missed.meeting_type, language())
    cases = ngettext("%(num)s ärende", "%(num)s ärenden", missed.case_count)
    return {
        "title": _("Läs vad som beslutades %(day)s", day=weekday_date(missed.starts_at, language())),
        "about": f"{kind} · {cases}",
        "action": _("Läs"),
        "url": url_for("meetings.meeting", meeting_id=missed.meeting_id),
        "tone": "info",
    }


def _changes_in_words(one: ChangedCase) -> str:
    """2 anteckningar, planen: what was changed in a case."""
    words = {
        "note": lambda number: ngettext("%(num)s anteckning", "%(num)s anteckningar", number),
        "commitment": lambda number: ngettext("%(num)s åtagande", "%(num)s åtaganden", number),
        "plan": lambda number: ngettext("%(num)s ändring i planen", "%(num)s ändringar i planen", number),
        "support": lambda number: ngettext("%(num)s insats", "%(num)s insatser", number),
        "followup": lambda number: ngettext("%(num)s kartläggning eller uppföljning", "%(num)s kartläggningar eller uppföljningar", number),
        "consent": lambda _number: _("samtycket"),
        "case": lambda _number: _("ärendets läge"),
    }
    return ", ".join(words[kind](number) for kind, number in one.kinds)


def _to_review(card: EmergencyCard) -> dict[str, Any]:
    when = {"number": card.case_number, "when": weekday_time(card.review_until, language())}
    return {
        "title": _("Granska nödöppning: %(name)s", name=card.person),
        "about": _("%(number)s · försenad, skulle ha granskats %(when)s", **when)
        if card.is_overdue
        else _("%(number)s · senast %(when)s", **when),
        "action": _("Granska"),
        "url": url_for("emergency.review", opening_id=card.id),
        "tone": "danger" if card.is_overdue else "late",
    }


def _asked(waiting: Waiting) -> dict[str, Any]:
    """A question from whoever reviews the log: it stands first, since somebody waits for it."""
    on = day_words(waiting.day, language())
    about = f"{waiting.case_number} · {on}" if waiting.case_number else on
    url = url_for("review.question", question_id=waiting.question_id)
    return {"title": _("En fråga om din läsning"), "about": about, "action": _("Svara"), "url": url, "tone": "wait"}


def _in_words(task: Task) -> dict[str, Any]:
    title, do, endpoint = _say(task)
    about = f"{task.case_number} · {task.initials}" if task.initials else task.case_number
    if task.acts_for:
        about = _("%(about)s · som ersättare för %(name)s", about=about, name=task.acts_for)
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
    if matter.kind == "emergency":
        return _("Nödöppning av %(name)s %(day)s", name=task.who, day=day_words(matter.on, lang)), _("Se historik"), "cases.history"
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
    if may_ever(actor, Permission.DECIDE_MEMBERS):
        ways.append({"url": url_for("members.teams"), "title": _("Teamet"), "text": _about_members(day)})
    if day.quarters is not None:
        ways.append({"url": url_for("statistics.listing"), "title": _("Kvartalets tabeller"), "text": _about_quarters(day.quarters)})
    if may_ever(actor, Permission.LIST_EMERGENCIES):
        text = _("Se vem som har öppnat ett ärende i en nödsituation, och granska det.")
        ways.append({"url": url_for("emergency.reviews"), "title": _("Nödöppningar"), "text": text})
    if may_ever(actor, Permission.READ_REVIEW):
        text = _("Läsningar som ska granskas: ett stickprov och det som sticker ut.")
        ways.append({"url": url_for("review.queue"), "title": _("Loggkontroll"), "text": text})
    elif may_ever(actor, Permission.READ_REVIEW_NUMBERS):
        text = _("Hur mycket som lästes, vad som granskades och hur det gick.")
        ways.append({"url": url_for("review.numbers"), "title": _("Loggkontrollen i siffror"), "text": text})
    if may_ever(actor, Permission.READ_LOG):
        text = _("Se vem som har läst och ändrat, och följ upp det som avviker.")
        ways.append({"url": url_for("accounts.log"), "title": _("Loggen"), "text": text})
    if may_ever(actor, Permission.MANAGE_SETTINGS):
        text = _("Bjud in, ändra roller och ställ in kommunens regler.")
        ways.append({"url": url_for("accounts.settings"), "title": _("Personer och inställningar"), "text": text})
    return ways


def _about_members(day: MyDay) -> str:
    waiting = day.members
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

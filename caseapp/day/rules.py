"""What is worth saying today about a case, and how pressing is it? Pure.

Consents are warned of 30 and 14 days before their end, and so are the birthdays that change who signs; a consent that others than those
who were asked have to sign by now is told of until it is renewed. While a renewal waits for signatures, that is what is told. A later
follow-up is due 6 and 12 months after the close (the process of SIG and SSPF), and is asked for until it is made or half a year has gone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from caseapp.followup.rules import due_after_close

WARN_DAYS, PRESSING_DAYS = 30, 14
REVIEW_AHEAD_DAYS = 7


@dataclass(frozen=True)
class ConsentNow:
    """What a day needs to know of a case's consent: its state, its last day, signatures given and needed, coming birthdays.

    `is_succeeded`: whether another one is signed and takes its place when it ends. `renew`: codes of why other people have to sign by now
    (see consent.signatories). `renewing`: signatures given and needed of the consent that is to take its place, if one has been asked
    for.
    """

    state: str
    valid_to: date | None = None
    signed: int = 0
    needed: int = 0
    birthdays: Sequence[date] = ()
    renew: Collection[str] = ()
    renewing: tuple[int, int] | None = None
    is_succeeded: bool = False


@dataclass(frozen=True)
class Matter:
    """Something that waits: `kind` is a code, `tone` how pressing it is (danger, late, wait, info), `on` the day it is about."""

    kind: str
    tone: str
    on: date | None = None
    count: int = 0
    of: int = 0


_TONES = ("danger", "late", "wait", "info")


def consent_matters(consent: ConsentNow, today: date) -> list[Matter]:
    """What the consent asks of the coordinator. A refusal or a withdrawal asks nothing: it was an answer."""
    if consent.state in ("none", "draft"):
        return [Matter("consent_none", "wait")]
    if consent.state == "pending":
        waits = Matter("consent_pending", "wait", count=consent.signed, of=consent.needed)
        return [_other_people(consent, "asked") if consent.renew else waits]
    if consent.state == "expired":
        return [Matter("consent_expired", "danger", on=consent.valid_to)]
    if consent.state != "active" or consent.valid_to is None:
        return []
    if consent.renewing is not None:
        return [_renewal_waits(consent, today)]
    if consent.is_succeeded:
        return [_other_people(consent, "signed")] if consent.renew else []
    left = (consent.valid_to - today).days
    found = [_other_people(consent, "signed")] if consent.renew else []
    found += [Matter("consent_ends", "late" if left <= PRESSING_DAYS else "wait", on=consent.valid_to)] if left <= WARN_DAYS else []
    # On the day itself other people have to sign by now, and that is told already.
    coming = [day for day in consent.birthdays if today <= day and (day - today).days <= WARN_DAYS and not (consent.renew and day == today)]
    return found + [Matter("signer_changes", "late" if (day - today).days <= PRESSING_DAYS else "wait", on=day) for day in coming]


_OF_CUSTODY = {"new_custodian", "custodian_ended"}


def _other_people(consent: ConsentNow, what: str) -> Matter:
    """That others than those who were asked, or have signed, decide by now: because custody changed, or by age."""
    return Matter(f"{'custody' if _OF_CUSTODY & set(consent.renew) else 'age'}_changed_{what}", "late")


def _renewal_waits(consent: ConsentNow, today: date) -> Matter:
    ends = [consent.valid_to, *consent.birthdays]
    presses = bool(consent.renew) or any(day is not None and (day - today).days <= PRESSING_DAYS for day in ends)
    signed, needed = consent.renewing or (0, 0)
    return Matter("renewal_pending", "late" if presses else "wait", count=signed, of=needed)


def review_matter(review_on: date | None, today: date) -> Matter | None:
    """That the plan is to be reviewed, from a week before."""
    if review_on is None or (review_on - today).days > REVIEW_AHEAD_DAYS:
        return None
    return Matter("plan_review", "late" if review_on < today else "wait", on=review_on)


def later_followup(closed_on: date, measured: Sequence[date], today: date) -> Matter | None:
    """The follow-up after the close that is due now and not made (see followup)."""
    due = due_after_close(closed_on, measured, today)
    return Matter("later_followup", "wait", on=due[1], count=due[0]) if due else None


def emergency_matter(begun_on: date, is_overdue: bool) -> Matter:
    """That somebody opened the case in an emergency, until the unit manager has looked at it."""
    return Matter("emergency", "danger" if is_overdue else "late", on=begun_on)


def most_pressing_first(matters: Sequence[tuple[Matter, str]]) -> list[tuple[Matter, str]]:
    """(matter, case id) by tone, then by day, then as they came."""
    return sorted(matters, key=lambda one: (_TONES.index(one[0].tone), one[0].on or date.max))


def is_taken_up(matter: Matter, agenda: Collection[str], case_id: str) -> bool:
    """Whether a coming meeting takes care of it, so that it is no task of its own: a review whose day has not passed, on the agenda."""
    return matter.kind == "plan_review" and matter.tone == "wait" and case_id in agenda

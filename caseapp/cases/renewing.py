"""What lies ahead of a consent: whom it no longer suits and why, birthdays that change who signs, and whether it is being renewed already.

Consent knows who was asked and under which rule, cases know who has custody today and how old the young person is; here they are laid side
by side, for one case or for a hundred with a fixed number of queries. Promised: the rule looked at is the version the consent was asked
under. Not done here: a consent is marked, never ended; that is for the family and the coordinator.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from caseapp.access import today
from caseapp.consent.reading import AskedConsent, asked_in
from caseapp.consent.rules import RuleSet, renewal_days
from caseapp.consent.rulesets import rule_set_if_known
from caseapp.consent.signatories import Renewal, why_renew
from caseapp.db import glance
from caseapp.formats import age

from .models import RelatedPerson
from .reading import IDENTITY

#: A consent in one of these states holds or may come to hold, so it matters whether the right people were asked.
LIVING = ("active", "not_yet_valid", "pending")


@dataclass(frozen=True)
class Outlook:
    """What lies ahead of the consents of a case.

    `renewals`: consent id → why it is to be renewed, for those that live and that no other is about to replace. `birthdays`: from today on,
    inside the consent that holds, on which somebody else must sign. `renewing`: the one that waits for signatures to take the place of
    the one that holds. `successor`: the one that is signed and takes its place on a later day.
    """

    renewals: Mapping[str, tuple[Renewal, ...]] = field(default_factory=dict)
    birthdays: tuple[date, ...] = ()
    renewing: AskedConsent | None = None
    successor: AskedConsent | None = None


def outlook_of(consents: Sequence[AskedConsent], current: RuleSet, born: date | None, custodian_ids: Collection[str]) -> Outlook:
    """The outlook of one case. `current`: the rule of today, for birthdays of a consent that names none. Call it inside an action."""
    if born is None:
        return Outlook()
    living = [consent for consent in consents if consent.state in LIVING]
    holding = next((consent for consent in living if consent.state == "active"), None)
    asked_again = {consent.renews_id for consent in living if consent.state == "pending"}
    waiting_in_vain = {consent.id for consent in living if consent.state == "pending" and consent.id in asked_again}
    renewals = {consent.id: _why_renew(consent, born, custodian_ids) for consent in living if consent.id not in waiting_in_vain}
    if holding is None:
        return Outlook(renewals)
    successor = next((consent for consent in living if consent.state == "not_yet_valid" and consent.renews_id == holding.id), None)
    if successor is not None:
        renewals.pop(holding.id)
    rules = _rules_of(holding) or current
    days = renewal_days(rules, born, holding.valid_from, holding.valid_to)
    replaced = {holding.id, successor.id} if successor else {holding.id}
    waiting = next((consent for consent in living if consent.state == "pending" and consent.renews_id in replaced), None)
    return Outlook(renewals, tuple(day for day in days if day >= today()), waiting, successor)


def _rules_of(consent: AskedConsent) -> RuleSet | None:
    named = rule_set_if_known(consent.rule_set) if consent.rule_set else None
    return named.rules if named else None


def _why_renew(consent: AskedConsent, born: date, custodian_ids: Collection[str]) -> tuple[Renewal, ...]:
    """Measured on today's age; before its first day, on the age it was asked for."""
    rules = _rules_of(consent)
    if rules is None:
        return ()
    years = age(born, max(today(), consent.valid_from))
    return why_renew(rules.at(years), custodian_ids, consent.asked)


def custodians_in(case_ids: Sequence[str]) -> dict[str, set[str]]:
    """Case id → the ids of those who have custody today. Nothing needs to be open: that somebody has custody is no secret of the row."""
    found: dict[str, set[str]] = {}
    query = select(RelatedPerson).where(RelatedPerson.case_id.in_(case_ids), RelatedPerson.information_type == IDENTITY)
    for row in glance(RelatedPerson, query):
        if row.ended_on is None or today() < row.ended_on:
            found.setdefault(row.case_id, set()).add(row.id)
    return found


def outlooks(current: Mapping[str, RuleSet], births: Mapping[str, date]) -> dict[str, Outlook]:
    """The outlooks of these opened cases, by case id. `current`: case id → today's rule; `births` of those whose birth is known."""
    case_ids = [case_id for case_id in current if case_id in births]
    consents, custodians = asked_in(case_ids), custodians_in(case_ids)
    return {
        case_id: outlook_of(consents.get(case_id, ()), current[case_id], births[case_id], custodians.get(case_id, set()))
        for case_id in case_ids
    }

"""What a coordinator does with consent: ask, register the answers, withdraw. Each changes who may read, in the same moment.

`place_request` is called from an action that knows the people (in cases); the others are actions of their own. Every change
moves the gate's epoch, so that a page that is open elsewhere notices. What an administrator does with the rules of who signs is in
`rule_keeping`, and is called from here like the rest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from caseapp.access import Actor, Gate, Permission, StaleForm, action, allow, fetch, now, remember_result, session, today

from .models import Consent, ConsentScope, ConsentSignature, ConsentWithdrawal
from .opening import open_case
from .reading import ConsentCard, consents_of, state_of
from .rule_keeping import (
    RuleProblem,
    RuleSetHistory,
    Wording,
    choices_of,
    offer_rule_set,
    read_rule_set,
    read_rule_sets,
    rewrite_rule_set,
    write_rule_set,
)
from .rules import ALWAYS_COVERED, AgeRule, Answered, Compartment, Needed, still_shared, why_not_answer
from .rulesets import NamedRuleSet

__all__ = [
    "AgeRule", "Answer", "ConsentProblem", "NamedRuleSet", "RuleProblem", "RuleSetHistory", "Terms", "Wording", "choices_of",
    "offer_rule_set", "place_request", "read_rule_set", "read_rule_sets", "register_answers", "rewrite_rule_set", "withdraw_consent",
    "write_rule_set",
]  # fmt: skip


class ConsentProblem(Exception):
    """What was asked for cannot be done with this consent. `code` says why; `place` which of the answers, if it concerns one."""

    def __init__(self, code: str, place: int | None = None) -> None:
        super().__init__(code)
        self.code, self.place = code, place


@dataclass(frozen=True)
class Terms:
    """What a consent says: for what, about what, to whom, from when until when, and how the family was informed."""

    scope: frozenset[Compartment]
    valid_from: date
    valid_to: date
    purpose: str
    rule_set: str
    language: str = "sv"
    informed_on: date | None = None
    informed_by: str = ""
    paper_reference: str = ""
    renews_id: str = ""


@dataclass(frozen=True)
class Answer:
    """One signatory's answer as registered. `decision`: awaited, given, declined or waived."""

    signature_id: str
    decision: str
    decided_on: date | None = None
    method: str = ""
    witness: str = ""
    reason: str = ""


def place_request(actor: Actor, gate: Gate, terms: Terms, needed: Sequence[Needed]) -> str:
    """Add a consent that waits for these signatures, and give its id. Call it after `allow()` and `open_case()`."""
    common = {"case_id": gate.id, "owner_agency_id": gate.home_agency_id, "created_by_id": actor.user_id}
    consent = Consent(
        **common,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        details={
            "purpose": terms.purpose,
            "language": terms.language,
            "informed_on": terms.informed_on.isoformat() if terms.informed_on else None,
            "rule_set": terms.rule_set,
            "renews": terms.renews_id,
        },
        informed_by=terms.informed_by,
        paper_reference=terms.paper_reference,
    )
    session().add(consent)
    for agency_id, kind in sorted(terms.scope):
        session().add(ConsentScope(**common, consent_id=consent.id, agency_id=agency_id, covered_type=kind))
    for place, one in enumerate(needed):
        session().add(
            ConsentSignature(
                **common,
                consent_id=consent.id,
                person_id=one.person_id,
                place=place,
                is_required=one.required,
                decision="awaited",
                details={"role": one.role},
            )
        )
    gate.epoch += 1
    return consent.id


@action
def register_answers(
    actor: Actor,
    case_id: str,
    consent_id: str,
    answers: Sequence[Answer],
    *,
    paper_reference: str | None = None,
    edition: int | None = None,
    once: str | None = None,
) -> str:
    """Register what the signatories answered (and where the signed paper lies), and give the state the consent is in then.

    When the last signature is in, a consent that renews an older one takes its place. Raises ConsentProblem, or StaleForm with
    the consent as it is stored.
    """
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id, once=once)
    open_case(actor, gate)
    consent = fetch(Consent, consent_id, case_id=case_id)
    card = _card(case_id, consent_id)
    if edition is not None and edition != card.edition:
        raise StaleForm(card)
    if not card.can_be_answered:
        raise ConsentProblem("not_open_for_answers")
    given = {answer.signature_id: answer for answer in answers}
    rows = [fetch(ConsentSignature, signature.id, case_id=case_id) for signature in card.signatures]
    _refuse_impossible([given.get(row.id) or _as_stored(row) for row in rows], rows)
    for row in rows:
        if row.id in given:
            _note_answer(row, given[row.id])
    if paper_reference is not None:
        consent.paper_reference = paper_reference
    session().flush()
    state = state_of(consent, [(row.is_required, row.decision) for row in rows])
    if state in ("active", "not_yet_valid"):
        _take_the_place_of(consent, card.renews_id, case_id)
    gate.epoch += 1
    remember_result(once, case_id)
    return state


def _refuse_impossible(answers: Sequence[Answer], rows: Sequence[ConsentSignature]) -> None:
    asked = [
        Answered(row.person_id is None, answer.decision, bool(answer.reason.strip()), answer.decided_on, answer.method)
        for answer, row in zip(answers, rows, strict=True)
    ]
    problem = why_not_answer(asked, today())
    if problem is not None:
        raise ConsentProblem(problem[1], problem[0])


def _as_stored(row: ConsentSignature) -> Answer:
    method = row.details.get("method", "") if isinstance(row.details, dict) else ""
    return Answer(row.id, row.decision, row.decided_on, method, str(row.witness), str(row.reason))


def _note_answer(row: ConsentSignature, answer: Answer) -> None:
    settled = answer.decision in ("given", "declined")
    row.decision = answer.decision
    row.decided_on = answer.decided_on if settled else (today() if answer.decision == "waived" else None)
    row.details = {**row.details, "method": answer.method if settled else ""}
    row.witness = answer.witness if settled else ""
    row.reason = answer.reason


def _take_the_place_of(consent: Consent, renews_id: str, case_id: str) -> None:
    """The older consent ends where this one begins, so that there is neither a gap nor an overlap."""
    if not renews_id:
        return
    older = fetch(Consent, renews_id, case_id=case_id)
    if consent.valid_from <= max(today(), older.valid_from):
        older.superseded_by_id = consent.id
    elif older.valid_to >= consent.valid_from:
        older.valid_to = consent.valid_from - timedelta(days=1)


@action
def withdraw_consent(
    actor: Actor,
    case_id: str,
    consent_id: str,
    *,
    received_from: str,
    received_how: str,
    agency_id: str | None = None,
    covered_type: str | None = None,
    once: str | None = None,
) -> str:
    """Withdraw a consent: all of it, or for one agency, or for one information type. Closes what it opened at once.

    Gives "withdrawn" if nothing of it is left, else "narrowed". What was recorded stays; it is no longer shared.
    """
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id, once=once)
    open_case(actor, gate)
    consent = fetch(Consent, consent_id, case_id=case_id)
    card = _card(case_id, consent_id)
    concerned = [pair for pair in card.scope if agency_id in (None, pair[0]) and covered_type in (None, pair[1])]
    if not card.can_be_withdrawn or not concerned:
        raise ConsentProblem("nothing_to_withdraw")
    if agency_id == gate.home_agency_id or covered_type == ALWAYS_COVERED:
        raise ConsentProblem("only_whole")
    session().add(
        ConsentWithdrawal(
            case_id=case_id,
            owner_agency_id=gate.home_agency_id,
            created_by_id=actor.user_id,
            consent_id=consent_id,
            agency_id=agency_id,
            covered_type=covered_type,
            at=now(),
            received_from=received_from,
            received_how=received_how,
        )
    )
    left = _narrow(consent, agency_id, covered_type) if agency_id or covered_type else frozenset()
    if not still_shared(left, gate.home_agency_id):
        consent.withdrawn_at = now()
    gate.epoch += 1
    remember_result(once, case_id)
    return "withdrawn" if consent.withdrawn_at else "narrowed"


def _narrow(consent: Consent, agency_id: str | None, covered_type: str | None) -> Collection[Compartment]:
    """Take the compartments out of the consent, and give what is left."""
    left = set()
    for row in session().scalars(select(ConsentScope).where(ConsentScope.consent_id == consent.id)):
        if row.withdrawn_at is not None:
            continue
        if agency_id in (None, row.agency_id) and covered_type in (None, row.covered_type):
            row.withdrawn_at = now()
        else:
            left.add((row.agency_id, row.covered_type))
    return left


def _card(case_id: str, consent_id: str) -> ConsentCard:
    return next(card for card in consents_of(case_id) if card.id == consent_id)

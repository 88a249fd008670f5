"""A consent as frozen values, for the page that shows it: terms, signatures, what was withdrawn.

Called inside an action, after `open_case`. Names of the signatories live in cases: here they are ids.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from caseapp.access import session, today
from caseapp.db import Unreadable, Withheld, coded

from .models import Consent, ConsentScope, ConsentSignature, ConsentWithdrawal
from .opening import facts_of
from .rows import by_consent, consents_in, scopes_of, signatures_of
from .rules import Compartment, consent_state, signed_of
from .signatories import Asked, who_disagree

Shown = str | Withheld | Unreadable


@dataclass(frozen=True)
class SignatureCard:
    """One signatory's answer. `person_id` None is the young person; `role` a code of SignerRole."""

    id: str
    version: int
    person_id: str | None
    role: str
    is_required: bool
    decision: str
    decided_on: date | None
    method: str
    witness: Shown
    reason: Shown


@dataclass(frozen=True)
class WithdrawalCard:
    """A withdrawal: of everything when both `agency_id` and `covered_type` are None."""

    at: datetime
    agency_id: str | None
    covered_type: str | None
    received_from: Shown
    received_how: Shown
    registered_by_id: str


@dataclass(frozen=True)
class ConsentCard:
    """A consent. `state`: ConsentStatus, or "not_yet_valid"; `scope` what it covers now, `asked_scope` what it covered when asked for.

    `edition` grows with every change of the consent or of a signature: a form made from an older one is stale.
    """

    id: str
    edition: int
    state: str
    valid_from: date
    valid_to: date
    created_at: datetime
    purpose: str
    language: str
    informed_on: date | None
    informed_by: Shown
    paper_reference: Shown
    rule_set: str
    renews_id: str
    scope: frozenset[Compartment]
    asked_scope: frozenset[Compartment]
    signatures: tuple[SignatureCard, ...]
    withdrawals: tuple[WithdrawalCard, ...]
    signed: int
    needed: int

    @property
    def asked(self) -> "AskedConsent":
        """Who was asked, under which rule."""
        asked = tuple(Asked(one.person_id, one.is_required, one.decision) for one in self.signatures)
        period = self.valid_from, self.valid_to
        return AskedConsent(self.id, self.state, *period, self.rule_set, self.renews_id, asked, self.signed, self.needed)

    @property
    def disagreement(self) -> str:
        """Between whom a yes stands against a no: "custodians", "youth" (with a custodian), or ""."""
        return who_disagree([(one.person_id is None, one.decision) for one in self.signatures])

    @property
    def can_be_answered(self) -> bool:
        """Whether signatures may still be registered; once it holds, a change of mind is a withdrawal."""
        return self.state in ("draft", "pending", "declined")

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether there is something to withdraw."""
        return self.state in ("active", "not_yet_valid", "pending")

    def types_of(self, agency_id: str) -> frozenset[str]:
        """The information types this agency may take part of under the consent."""
        return frozenset(kind for agency, kind in self.scope if agency == agency_id)

    def asked_together(self, agency_ids: Iterable[str]) -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
        """(agency ids, information types) as the family was asked, before any withdrawal: agencies that share the same stand together."""
        together: dict[frozenset[str], list[str]] = {}
        for agency_id in agency_ids:
            kinds = frozenset(kind for agency, kind in self.asked_scope if agency == agency_id)
            if kinds:
                together.setdefault(kinds, []).append(agency_id)
        return tuple((tuple(agencies), kinds) for kinds, agencies in together.items())


@dataclass(frozen=True)
class AskedConsent:
    """A consent as far as it tells who was asked, under which version of a rule, for when; `signed` of `needed` signatures are in."""

    id: str
    state: str
    valid_from: date
    valid_to: date
    rule_set: str
    renews_id: str
    asked: tuple[Asked, ...]
    signed: int = 0
    needed: int = 0


def asked_in(case_ids: Sequence[str]) -> dict[str, tuple[AskedConsent, ...]]:
    """Every consent of these opened cases by case id, the newest first, in two queries."""
    consents, found = consents_in(case_ids), dict[str, list[AskedConsent]]()
    signatures = signatures_of(consents)
    for row in consents:
        asked = tuple(Asked(one.person_id, one.is_required, one.decision) for one in signatures.get(row.id, []))
        decisions = [(one.required, one.decision) for one in asked]
        details = coded(row.details)
        rule, renews = details.get("rule_set", ""), details.get("renews", "")
        known = AskedConsent(row.id, state_of(row, decisions), row.valid_from, row.valid_to, rule, renews, asked, *signed_of(decisions))
        found.setdefault(row.case_id, []).append(known)
    return {case_id: tuple(consents) for case_id, consents in found.items()}


def consents_of(case_id: str) -> tuple[ConsentCard, ...]:
    """Every consent of the case, newest first, in four queries at most."""
    rows = consents_in([case_id])
    scopes, signatures = scopes_of(rows), signatures_of(rows)
    withdrawals = by_consent(
        session().scalars(select(ConsentWithdrawal).where(ConsentWithdrawal.case_id == case_id).order_by(ConsentWithdrawal.at))
    )
    return tuple(_card(row, scopes.get(row.id, []), signatures.get(row.id, []), withdrawals.get(row.id, [])) for row in rows)


def _card(
    row: Consent, scopes: list[ConsentScope], signatures: list[ConsentSignature], withdrawals: list[ConsentWithdrawal]
) -> ConsentCard:
    decisions = [(signature.is_required, signature.decision) for signature in signatures]
    signed, needed = signed_of(decisions)
    details = coded(row.details)
    return ConsentCard(
        id=row.id,
        edition=row.version + sum(signature.version for signature in signatures),
        state=state_of(row, decisions),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        created_at=row.created_at,
        purpose=details.get("purpose", ""),
        language=details.get("language", ""),
        informed_on=date.fromisoformat(details["informed_on"]) if details.get("informed_on") else None,
        informed_by=row.informed_by,
        paper_reference=row.paper_reference,
        rule_set=details.get("rule_set", ""),
        renews_id=details.get("renews", ""),
        scope=frozenset((scope.agency_id, scope.covered_type) for scope in scopes if scope.withdrawn_at is None),
        asked_scope=frozenset((scope.agency_id, scope.covered_type) for scope in scopes),
        signatures=tuple(_signature(signature) for signature in signatures),
        withdrawals=tuple(
            WithdrawalCard(one.at, one.agency_id, one.covered_type, one.received_from, one.received_how, one.created_by_id)
            for one in withdrawals
        ),
        signed=signed,
        needed=needed,
    )


def state_of(row: Consent, decisions: Iterable[tuple[bool, str]]) -> str:
    """The state today: a code of ConsentStatus, or "not_yet_valid" for an active one whose first day has not come."""
    state = consent_state(facts_of(row, decisions), today())
    return "not_yet_valid" if state == "active" and today() < row.valid_from else state


def _signature(row: ConsentSignature) -> SignatureCard:
    details = coded(row.details)
    return SignatureCard(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        role=details.get("role", "youth" if row.person_id is None else "custodian"),
        is_required=row.is_required,
        decision=row.decision,
        decided_on=row.decided_on,
        method=details.get("method", ""),
        witness=row.witness,
        reason=row.reason,
    )

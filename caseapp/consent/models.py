"""Consents, who signed them, what they cover, their withdrawal; the municipality's own rule sets of who must sign; decisions to
disclose without consent; the register of sharing.

What decides access stops the work when it is damaged; a damaged line of the register only shows that it is.
"""

from datetime import date, datetime
from typing import Any, NoReturn

from sqlalchemy import Boolean, Date, Integer, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, OfficeRow, sealed, sealed_codes

from .disclosure_rules import OWN_REASONS


class Consent(CaseRow):
    """A consent (samtycke) to lift secrecy between named agencies, for named information types and a period.

    `details`: {purpose, language, informed_on, rule_set, renews}; `rule_set` is a built-in set's code or the id of a version of the
    municipality's own, and `renews` the consent this one is to take the place of. `paper_reference`, `informed_by`: where the paper
    lies, who informed.
    """

    __tablename__ = "consent"
    DECIDES_ACCESS = True
    INFORMATION_TYPE = "identity"

    is_draft: Mapped[bool] = mapped_column(Boolean, default=False)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None]
    superseded_by_id: Mapped[str | None] = mapped_column(String(36))
    details = sealed_codes()
    paper_reference = sealed()
    informed_by = sealed()


class ConsentScope(CaseRow):
    """That one agency may take part of one information type under a consent; narrowed when `withdrawn_at` is set."""

    __tablename__ = "consent_scope"
    DECIDES_ACCESS = True
    INFORMATION_TYPE = "identity"

    consent_id: Mapped[str] = mapped_column(String(36), index=True)
    agency_id: Mapped[str] = mapped_column(String(36))
    covered_type: Mapped[str] = mapped_column(String(32))
    withdrawn_at: Mapped[datetime | None]


class ConsentSignature(CaseRow):
    """One signatory's answer: awaited, given, declined, or waived (a custodian who cannot be reached; the reason is sealed).

    `details`: {method, role}. `place` is the order they are asked in. `person_id` is a custodian's row in cases, None for the young person.
    """

    __tablename__ = "consent_signature"
    DECIDES_ACCESS = True
    INFORMATION_TYPE = "identity"

    consent_id: Mapped[str] = mapped_column(String(36), index=True)
    person_id: Mapped[str | None] = mapped_column(String(36))
    place: Mapped[int] = mapped_column(Integer, default=0)
    is_required: Mapped[bool] = mapped_column(Boolean)
    decision: Mapped[str] = mapped_column(String(16))
    decided_on: Mapped[date | None] = mapped_column(Date)
    details = sealed_codes()
    witness = sealed()
    reason = sealed()


class ConsentWithdrawal(CaseRow):
    """A withdrawal (återkallelse): of the whole consent, of one agency, or of one information type.

    `received_from`, `received_how`: who withdrew and how it reached the one who registered it.
    """

    __tablename__ = "consent_withdrawal"
    DECIDES_ACCESS = True
    INFORMATION_TYPE = "identity"

    consent_id: Mapped[str] = mapped_column(String(36), index=True)
    agency_id: Mapped[str | None] = mapped_column(String(36))
    covered_type: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
    received_from = sealed()
    received_how = sealed()


class ConsentRuleSet(OfficeRow):
    """One version of a rule set (samtyckesregel) that the municipality wrote: who signs at which age, and for how long at most.

    The versions of a set share `set_id` and are numbered from 1; the newest is in force. A version is written once and never altered or
    removed, because consents point at it. `terms`: {bands, longest_months, unticked} as in codelists/consent_rules.yaml, and
    {copied_from}: the code or id the first version began from. `is_offered`: whether it can be chosen for a work form.
    """

    __tablename__ = "consent_rule_set"
    __table_args__ = (UniqueConstraint("set_id", "number"),)
    DECIDES_ACCESS = True

    set_id: Mapped[str] = mapped_column(String(36), index=True)
    number: Mapped[int] = mapped_column(Integer)
    is_offered: Mapped[bool] = mapped_column(Boolean, default=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[str] = mapped_column(String(36))
    name = sealed()
    name_en = sealed()
    terms = sealed_codes()


class NeverAltered(RuntimeError):
    """A version of a rule set was to be altered or removed. A mistake in the program; nothing is written."""


@event.listens_for(ConsentRuleSet, "before_update")
@event.listens_for(ConsentRuleSet, "before_delete")
def _stays_as_written(_mapper: Any, _connection: Any, row: ConsentRuleSet) -> NoReturn:
    raise NeverAltered(f"version {row.number} of rule set {row.set_id} stays as it was written: save a new one")


class DisclosureDecision(CaseRow):
    """A decision to hand over without consent (utlämnande): from `owner_agency_id` to one agency, or to somebody outside.

    `covered_types`: codes of InformationType, comma-separated; `to_agency_id` None is somebody
    outside, named in `recipient`. Decided by `created_by_id`, and by `second_id` where two must. `details`: {ground: a code of
    the list of grounds, which can tell what is suspected; informed_on}.
    """

    __tablename__ = "disclosure_decision"
    DECIDES_ACCESS = True
    INFORMATION_TYPE = OWN_REASONS

    to_agency_id: Mapped[str | None] = mapped_column(String(36))
    covered_types: Mapped[str] = mapped_column(String(255))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    two_decide: Mapped[bool] = mapped_column(Boolean)
    second_id: Mapped[str | None] = mapped_column(String(36))
    agreed_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[str | None] = mapped_column(String(36))
    details = sealed_codes()
    recipient = sealed()
    weighing = sealed()
    why_not_informed = sealed()

    @property
    def types(self) -> tuple[str, ...]:
        """The information types it covers."""
        return tuple(self.covered_types.split(","))


class SharingAct(CaseRow):
    """One act of sharing, in or out of the case: a line of the register. Never changed.

    An agency that is None is somebody outside, named in `counterpart`. `ground_kind`: consent, disclosure, or other (told in `note`).
    `contents`: {goals, commitments, interventions: [[row id, version], …]} of a plan excerpt.
    """

    __tablename__ = "sharing_act"
    INFORMATION_TYPE = OWN_REASONS

    from_agency_id: Mapped[str | None] = mapped_column(String(36))
    to_agency_id: Mapped[str | None] = mapped_column(String(36))
    covered_types: Mapped[str] = mapped_column(String(255))
    ground_kind: Mapped[str] = mapped_column(String(16))
    ground_id: Mapped[str | None] = mapped_column(String(36))
    shared_on: Mapped[date] = mapped_column(Date)
    how: Mapped[str] = mapped_column(String(16))
    contents = sealed_codes()
    counterpart = sealed()
    note = sealed()

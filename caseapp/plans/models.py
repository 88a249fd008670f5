"""The joint plan: what is to be reached, who does what until when, which support is given, and what it was when people agreed.

The plan and its goals belong to the coordinator's agency (type `plan`). A commitment belongs to the agency that makes it (type
`plan`), an intervention to the agency that gives it (type `support_ongoing`): whoever made the promise holds the record of it,
and the others see it through a consent.

In the open stand only ids, the days that work lists are made from, and whether something is settled. The coded answers, which
statistics open in bulk, have these shapes; a key that is missing was never answered:

    Plan.answers          {agreed_youth, agreed_guardians}                   ISO dates, of plans agreed before there were versions
    Goal.answers          {domain: NeedDomain, attainment: Attainment, assessed_on: ISO date}
    Commitment.answers    {status: CommitmentStatus, actor: Actor or "youth"}
    CommitmentReport      {status: CommitmentStatus}
    Intervention.answers  {type: InterventionType, focus: NeedDomain, actor: Actor, legal_form: LegalForm, intensity: Intensity,
                           started_on, ended_on: ISO dates, as_planned: YesNoUnknown}
    PlanVersion.answers    {review_on: ISO date}
    PlanVersionItem        as the row it was copied from, with {is_current: true or false, due_on: ISO date}
    PlanAgreement.answers  {decision: PlanDecision, on: ISO date, how: PlanAgreedHow}

Statuses are what somebody chose: `late` is normally derived from the day (see rules.py), and is stored only when chosen.
"""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, sealed, sealed_codes


class Plan(CaseRow):
    """The joint plan (åtagandeplan, handlingsplan, åtgärdsplan) of a case: one for each case. `text` is its overall aim."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("case_id"),)
    INFORMATION_TYPE = "plan"

    begun_on: Mapped[date] = mapped_column(Date)
    review_on: Mapped[date | None] = mapped_column(Date, index=True)
    answers = sealed_codes()
    text = sealed()


class Goal(CaseRow):
    """A goal (mål) for one need domain, measured by an indicator from a baseline to a target."""

    __tablename__ = "goal"
    INFORMATION_TYPE = "plan"

    is_dropped: Mapped[bool] = mapped_column(Boolean, default=False)
    answers = sealed_codes()
    text = sealed()
    indicator = sealed()
    baseline = sealed()
    target = sealed()


class Commitment(CaseRow):
    """A commitment (åtagande): who does what until when. `person` is the one who does it, if that is nobody with an account."""

    __tablename__ = "commitment"
    INFORMATION_TYPE = "plan"

    goal_id: Mapped[str | None] = mapped_column(String(36))
    responsible_id: Mapped[str | None] = mapped_column(String(36))
    due_on: Mapped[date | None] = mapped_column(Date, index=True)
    is_settled: Mapped[bool] = mapped_column(Boolean, default=False)
    answers = sealed_codes()
    text = sealed()
    person = sealed()


class CommitmentReport(CaseRow):
    """What was said of a commitment at one moment: its status then, and in words how it went. Never changed afterwards."""

    __tablename__ = "commitment_report"
    __table_args__ = (UniqueConstraint("commitment_id", "number"),)
    INFORMATION_TYPE = "plan"

    commitment_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    answers = sealed_codes()
    text = sealed()


class Intervention(CaseRow):
    """An intervention (insats) from the catalogue: what kind, aimed at which need, how intensive, from when to when."""

    __tablename__ = "intervention"
    INFORMATION_TYPE = "support_ongoing"

    answers = sealed_codes()
    text = sealed()


class PlanVersion(CaseRow):
    """A version (version av planen): how the plan stood on the day it was gone through with the family. Never changed afterwards.

    `text` is the overall aim. `left_out`: the compartments ("agency:type", parted by spaces) that whoever fixed it could not copy.
    """

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("case_id", "number"),)
    INFORMATION_TYPE = "plan"

    number: Mapped[int] = mapped_column(Integer)
    fixed_on: Mapped[date] = mapped_column(Date)
    answers = sealed_codes()
    text = sealed()
    left_out = sealed()


class PlanVersionItem(CaseRow):
    """A goal, a commitment or an intervention as it stood in a version, in the compartment of the row it was copied from."""

    __tablename__ = "plan_version_item"
    __table_args__ = (UniqueConstraint("plan_version_id", "item_id"),)

    plan_version_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    item_id: Mapped[str] = mapped_column(String(36))
    answers = sealed_codes()
    text = sealed()
    indicator = sealed()
    baseline = sealed()
    target = sealed()
    person = sealed()


class PlanAgreement(CaseRow):
    """What one person said to a version: once, and never changed. `who_id` is the case for the young person, otherwise a related person."""

    __tablename__ = "plan_agreement"
    __table_args__ = (UniqueConstraint("plan_version_id", "who_id"),)
    INFORMATION_TYPE = "plan"

    plan_version_id: Mapped[str] = mapped_column(String(36))
    who_id: Mapped[str] = mapped_column(String(36))
    answers = sealed_codes()
    text = sealed()

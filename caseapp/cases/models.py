"""The rows of a case: the young person, the people around, the case itself, and the notes.

Names, numbers and texts lie in the text drawer of their compartment; coded answers in the codes drawer, so that follow-up can
count them without ever opening a name. What stands in the open is what the work lists need: numbers of cases, days, and who
the case belongs to.
"""

from datetime import date

from sqlalchemy import Boolean, Date, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import Base, CaseRow, sealed, sealed_codes


class Case(CaseRow):
    """A case (ärende): one young person in one team's work. Its id is the case id, and the gate's id.

    `number_index` stands for the identity number in look-ups (None: the person has no number); it is also what joins the cases of
    one person. `opened_on` is the day of the notice (aktualisering).

    `progress`: {status: CaseStatus}; once closed also {before: CaseStatus, noted_at: when the closing was noted, ISO moment}.
    `answers`: {referral_source: ReferralSource, concerns: [Concern]}.
    `closure`: {} while open, then {reason: ClosureReason}; `closure_summary` in words.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("case_number"),
        # a work list and how long it is, without looking at a sealed row
        Index("ix_case_file_work_list", "team_id", "is_open", "opened_on", "case_number", "id"),
        Index(
            "uq_case_file_open_person",
            "team_id",
            "number_index",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )
    INFORMATION_TYPE = "identity"

    case_number: Mapped[str] = mapped_column(String(16))
    team_id: Mapped[str] = mapped_column(String(36))
    number_index: Mapped[str | None] = mapped_column(String(32), index=True)
    is_open: Mapped[bool] = mapped_column(Boolean, default=True)
    opened_on: Mapped[date] = mapped_column(Date, index=True)
    closed_on: Mapped[date | None] = mapped_column(Date)
    progress = sealed_codes()
    answers = sealed_codes("assessment")
    closure = sealed_codes("outcome")
    closure_summary = sealed("outcome")


class CaseNumberSeries(Base):
    """The last case number given out in a year."""

    __tablename__ = "case_number_series"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class YoungPerson(CaseRow):
    """The young person (den unge) of a case; one row for each case.

    `number`: 12 digits of a personnummer or samordningsnummer, a temporary number as written, or empty.
    `answers`: {sex: Sex, born: ISO date or None, id_type: IdType, protected: ProtectedStatus}.
    """

    __tablename__ = "young_person"
    __table_args__ = (UniqueConstraint("case_id"),)
    INFORMATION_TYPE = "identity"

    name = sealed()
    number = sealed()
    answers = sealed_codes()
    phone = sealed("contact")
    address = sealed("contact")


class RelatedPerson(CaseRow):
    """Somebody around the young person. A custodian (vårdnadshavare) is of type identity, anybody else of type family.

    `answers`: {role: RelatedRole, custodian: bool, protected: ProtectedStatus}. `ended_on`: no longer current from this day.
    """

    __tablename__ = "related_person"
    INFORMATION_TYPE = "family"

    ended_on: Mapped[date | None] = mapped_column(Date)
    name = sealed(named_only=True)
    phone = sealed("contact", named_only=True)
    answers = sealed_codes()


class BlockReason(CaseRow):
    """Why somebody was kept away from the case (jäv), or is no longer; goes with the case when it is erased.

    `kind`: set by a coordinator, declared by the person themselves, or lifted. `block_id`: the row that keeps them away.
    """

    __tablename__ = "block_reason"
    INFORMATION_TYPE = "identity"

    block_id: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    reason = sealed()


class Note(CaseRow):
    """A note (anteckning), owned by the writer's agency. A corrected note stays, and names the one that took its place."""

    __tablename__ = "note"

    occurred_on: Mapped[date] = mapped_column(Date)
    replaces_id: Mapped[str | None] = mapped_column(String(36))
    replaced_by_id: Mapped[str | None] = mapped_column(String(36))
    heading = sealed()
    text = sealed()


class Remark(CaseRow):
    """What is said beside something recorded: a correction (rättelse), or that the young person does not agree (invändning).

    It lies in the compartment of what it is about, so that whoever may read the one may read the other. What it is about stays as it
    was. `about_kind`: case, young_person, related_person, note, measure or consent; `about_id` the row's id.
    `answers`: {kind: RemarkKind, voice: RemarkVoice}. `part`: which answer; `was`, `becomes`: what stood there and what is right.
    """

    __tablename__ = "remark"

    about_kind: Mapped[str] = mapped_column(String(16))
    about_id: Mapped[str] = mapped_column(String(36))
    answers = sealed_codes()
    part = sealed()
    was = sealed()
    becomes = sealed()
    text = sealed()

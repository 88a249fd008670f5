"""The office's register: municipality, agencies, teams, people who sign in, their roles, sessions and invitations.

Everything typed (names, logins) is sealed with the office key; a login is found by its blind index.
"""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow, sealed, sealed_codes


class Municipality(OfficeRow):
    """The municipality (kommun) this installation serves: one row.

    `settings`: {code, plan_label, consent_rules: {work form: rule set}, ages: [lowest, highest], threshold, width,
    minimum_population, rounding_base, hiding_cost (count or value), spared_tables: [table], search_seconds (None: no search for
    the optimum), is_demonstration}.
    """

    __tablename__ = "municipality"
    DECIDES_ACCESS = True  # who must sign a consent, and from which number on a count is shown

    name = sealed()
    settings = sealed_codes()


class Agency(OfficeRow):
    """An agency (verksamhet) that takes part: a school, the social services, the police … `actor` is a code of the list Actor."""

    __tablename__ = "agency"
    DECIDES_ACCESS = True

    actor: Mapped[str] = mapped_column(String(32))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    name = sealed()


class Team(OfficeRow):
    """A team (arbetsgrupp) of SSPF or SIG. The joint plan and the meetings belong to `home_agency_id`, the coordinator's agency."""

    __tablename__ = "team"
    DECIDES_ACCESS = True

    home_agency_id: Mapped[str] = mapped_column(String(36))
    work_form: Mapped[str] = mapped_column(String(32))
    partner_accounts: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    name = sealed()


class TeamAgency(OfficeRow):
    """That an agency belongs to a team."""

    __tablename__ = "team_agency"
    __table_args__ = (UniqueConstraint("team_id", "agency_id"),)
    DECIDES_ACCESS = True

    team_id: Mapped[str] = mapped_column(String(36), index=True)
    agency_id: Mapped[str] = mapped_column(String(36))


class User(OfficeRow):
    """Somebody who may sign in. `roles` are the installation's roles, comma-separated; roles in a team are memberships.

    `credentials`: {password: argon2id hash, totp: base32 secret} sealed; `totp_step` is the last time step used (a code works once).
    """

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("login_index"),)
    DECIDES_ACCESS = True

    login_index: Mapped[str] = mapped_column(String(32))
    agency_id: Mapped[str] = mapped_column(String(36))
    roles: Mapped[str] = mapped_column(String(128), default="")
    language: Mapped[str] = mapped_column(String(2), default="sv")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    totp_step: Mapped[int] = mapped_column(Integer, default=0)
    login = sealed()
    name = sealed()
    credentials = sealed_codes()


class Membership(OfficeRow):
    """That a person has a role in a team (coordinator, participant, unit_manager), from one day until another."""

    __tablename__ = "membership"
    DECIDES_ACCESS = True

    user_id: Mapped[str] = mapped_column(String(36), index=True)
    team_id: Mapped[str] = mapped_column(String(36), index=True)
    role: Mapped[str] = mapped_column(String(32))
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date | None] = mapped_column(Date)


class Leave(OfficeRow):
    """That a member is away from a team (frånvaro) from one day to another, both included, and who stands in (ersättare).

    `state`: asked → confirmed or refused; confirmed → ended where it never began. One that ends early keeps its state and gets
    another last day. Why somebody is away is not asked and not kept.
    """

    __tablename__ = "leave_of_absence"
    DECIDES_ACCESS = True

    team_id: Mapped[str] = mapped_column(String(36), index=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    stand_in_id: Mapped[str | None] = mapped_column(String(36), index=True)
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16))
    asked_by_id: Mapped[str] = mapped_column(String(36))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None]


class Invitation(OfficeRow):
    """An invitation to choose a password and a second factor. Only the token's hash is kept; it works once, for a while."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("token_hash"),)
    DECIDES_ACCESS = True

    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(36))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CalendarFeed(OfficeRow):
    """The secret address at which a person's calendar program fetches their meetings (kalenderprenumeration). Only its hash is kept.

    One for each person at most; a new address takes the place of the old one, and without a row there is none.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("user_id"), UniqueConstraint("token_hash"))  # one edited past the application leads nowhere

    user_id: Mapped[str] = mapped_column(String(36))
    token_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class SignInSession(OfficeRow):
    """A session on the server: the browser holds a random token, this row its hash. `content` is what Flask's session holds."""

    __tablename__ = "sign_in_session"
    IS_KEPT = False  # removed when it is over
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    content = sealed_codes()


class FailedSignIn(OfficeRow):
    """A failed attempt, counted by account index and by network index (blind), for throttling shared by all workers."""

    __tablename__ = "failed_sign_in"
    IS_KEPT = False  # counted and swept by the hundred; the attempt itself stands in the log

    subject: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(index=True)

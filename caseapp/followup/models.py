"""Before, during, after and long after: what was seen at one point in time, and what it led to.

A measure (type `assessment`) and an outcome (type `outcome`) belong to the agency that made them. What concerns one need domain
is sealed under the domain's own information type where consent has one (alcohol and drugs, health, family, offences), so that
somebody who may see the mapping but not the drugs sees exactly that. `per_domain` puts the parts together again.

The coded answers, which statistics open in bulk; a key that is missing was not asked or not answered, which is not "no need":

    Measure.answers    {phase: Phase, risk: RiskLevel, protective: [ProtectiveFactor], responsivity: [Responsivity],
                        instrument: {code: Instrument, date: ISO date, level: RiskLevel}, occupation: Occupation}
    Measure.schooling  {attendance: AttendanceBand}
    Measure.per_domain()  {NeedDomain: NeedLevel}, "9" is unknown
    Outcome.answers    {youth: {item: Agree5}, guardian: {item: Agree5}}       items in codelists/experience.yaml
    Outcome.per_domain()  {NeedDomain: Change}, the change as people assess it

Goal attainment stands with each goal, in plans.
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from caseapp import codelists
from caseapp.db import CaseRow, Unreadable, Withheld, sealed, sealed_codes

from .rules import DOMAIN_TYPES


class DomainRow(CaseRow):
    """A row with one code for each need domain, each sealed under the information type that the domain belongs to."""

    __abstract__ = True

    domains = sealed_codes()
    domains_family = sealed_codes("family")
    domains_health = sealed_codes("health")
    domains_offences = sealed_codes("offences")
    domains_substance = sealed_codes("substance")

    def set_domains(self, codes: dict[str, str]) -> None:
        """Seal the code of each domain in its place; needs every compartment concerned."""
        for name, kind in _PARTS:
            setattr(self, name, {domain: code for domain, code in codes.items() if DOMAIN_TYPES.get(domain, "") == kind})

    def per_domain(self) -> dict[str, Any]:
        """Domain → code, or `Withheld`/`Unreadable` for each domain whose part does not open."""
        found: dict[str, Any] = {}
        for name, kind in _PARTS:
            part = getattr(self, name)
            if isinstance(part, Withheld | Unreadable):
                found |= {domain: part for domain in codelists.codelist("NeedDomain") if DOMAIN_TYPES.get(domain, "") == kind}
            else:
                found |= part
        return found


_PARTS = (
    ("domains", ""),
    ("domains_family", "family"),
    ("domains_health", "health"),
    ("domains_offences", "offences"),
    ("domains_substance", "substance"),
)


class Measure(DomainRow):
    """A measure (kartläggning, uppföljning): needs, risk and protective factors on one day, and people's own view of them."""

    __tablename__ = "measure"
    INFORMATION_TYPE = "assessment"

    measured_on: Mapped[date] = mapped_column(Date)
    answers = sealed_codes()
    schooling = sealed_codes("attendance")
    youth_view = sealed()
    guardian_view = sealed()
    text = sealed()


class Outcome(DomainRow):
    """An outcome (resultat) at the end or long after: change as people assess it, and how they experienced the work."""

    __tablename__ = "outcome"
    INFORMATION_TYPE = "outcome"

    measure_id: Mapped[str] = mapped_column(String(36), index=True)
    answers = sealed_codes()
    youth_words = sealed()
    guardian_words = sealed()
    text = sealed()

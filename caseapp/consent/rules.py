"""May this agency read this compartment now, and on which ground? Who must sign? What state is a consent in? Pure.

Sources: offentlighets- och sekretesslagen (2009:400) 10 kap. 1 § and 12 kap. 2 § (consent lifts secrecy), föräldrabalken
6 kap. 11 § (a growing child decides more and more for itself); the variants of who signs are municipal practice and data, in
codelists/consent_rules.yaml. Read 2026-11.
"""

from calendar import isleap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

Compartment = tuple[str, str]
"""(owner agency id, information type)"""


@dataclass(frozen=True)
class Ground:
    """One thing that opens compartments: a consent, a disclosure decision or break-glass.

    `scope` holds (agency id, information type): this agency may take part of this type. `agencies` are those whose items it
    opens. Valid on both `valid_from` and `valid_to`. With a `person_id` it opens to that person alone, and never in company.
    """

    id: str
    kind: str
    state: str
    agencies: frozenset[str]
    scope: frozenset[Compartment]
    valid_from: date
    valid_to: date
    person_id: str = ""

    def holds(self, on: date) -> bool:
        return self.state == "active" and self.valid_from <= on <= self.valid_to


@dataclass(frozen=True)
class Decision:
    """The answer for one compartment: allowed or not, why (a code), and the id of the ground, which goes into the log."""

    allowed: bool
    reason: str
    ground_id: str = ""


def may_read(
    reader_agency: str, owner_agency: str, information_type: str, grounds: Iterable[Ground], on: date, *, reader_id: str = ""
) -> Decision:
    """May somebody at `reader_agency`, already let through the gate of the case, read this compartment today?

    Yes for the agency's own items; yes if a ground that holds today lets this agency take part of this type and covers the
    agency that owns the item. Otherwise no, with the most telling reason. `reader_id`: who it is, where one person reads alone;
    without it nobody's personal ground counts.
    """
    if reader_agency == owner_agency:
        return Decision(True, "own_agency")
    grounds = tuple(ground for ground in grounds if ground.person_id in ("", reader_id))
    for ground in grounds:
        if ground.holds(on) and owner_agency in ground.agencies and (reader_agency, information_type) in ground.scope:
            return Decision(True, ground.kind, ground.id)
    return Decision(False, _why_not(reader_agency, owner_agency, grounds, on))


def _why_not(reader_agency: str, owner_agency: str, grounds: Sequence[Ground], on: date) -> str:
    holding = [ground for ground in grounds if ground.holds(on)]
    if holding:
        if not any(agency == reader_agency for ground in holding for agency, _type in ground.scope):
            return "agency_not_covered"
        if not any(owner_agency in ground.agencies for ground in holding):
            return "owner_not_covered"
        return "type_not_covered"
    states = {ground_state(ground, on) for ground in grounds}
    for state in ("withdrawn", "expired", "pending", "declined", "not_yet_valid", "draft"):
        if state in states:
            return f"consent_{state}"
    return "no_consent"


def ground_state(ground: Ground, on: date) -> str:
    """The state of a ground on a day: its own, or "expired"/"not_yet_valid" when only the period is wrong."""
    if ground.state != "active":
        return ground.state
    if on > ground.valid_to:
        return "expired"
    return "not_yet_valid" if on < ground.valid_from else "active"


# -- the state of a consent -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConsentFacts:
    """What decides the state of one consent. `decisions` are those of the required signatories: awaited, given, declined, waived."""

    is_draft: bool
    decisions: Sequence[str]
    valid_from: date
    valid_to: date
    withdrawn_at: datetime | None = None
    superseded_by: str | None = None


def consent_state(facts: ConsentFacts, on: date) -> str:
    """One of the codes of the code list ConsentStatus, on this day."""
    if facts.withdrawn_at is not None:
        return "withdrawn"
    if facts.superseded_by:
        return "superseded"
    if facts.is_draft:
        return "draft"
    if "declined" in facts.decisions:
        return "declined"
    if "awaited" in facts.decisions or "given" not in facts.decisions:  # nobody's signature can be waived away altogether
        return "expired" if on > facts.valid_to else "pending"
    return "expired" if on > facts.valid_to else "active"


# -- who must sign ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AgeRule:
    """Who signs below an age: `custodians` is "all", "one" or "none"; `under` None means from the last age up."""

    under: int | None
    custodians: str
    youth: bool


@dataclass(frozen=True)
class RuleSet:
    """Who must sign, by age, and how long a consent may last.

    `unticked`: kinds of agencies (code list Actor) that are not chosen until somebody finds that the case needs them.
    """

    code: str
    bands: tuple[AgeRule, ...]
    longest_months: int
    unticked: frozenset[str] = frozenset()

    def at(self, age: int) -> AgeRule:
        """The rule for this age in whole years."""
        return next(band for band in self.bands if band.under is None or age < band.under)


def rule_set(code: str, written: Mapping[str, object]) -> RuleSet:
    """The rule set as the code lists write it: {bands: [{under, custodians, youth}, …], longest_months, unticked?}."""
    bands = tuple(
        AgeRule(band.get("under"), band["custodians"], band["youth"])
        for band in written["bands"]  # type: ignore[attr-defined]
    )
    unticked = frozenset(written.get("unticked", ()))  # type: ignore[call-overload]
    return RuleSet(code, bands, int(written["longest_months"]), unticked)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Needed:
    """A signature: by whom (`person_id` of a custodian, None for the young person), and whether the consent waits for it."""

    role: str
    person_id: str | None
    required: bool


def needed_signatures(rules: RuleSet, age: int, custodian_ids: Sequence[str]) -> tuple[Needed, ...]:
    """Who is asked, in order, and whose signature the consent waits for. With "one", any custodian's is enough (see `signed`)."""
    band = rules.at(age)
    asked: list[Needed] = []
    if band.custodians != "none":
        asked += [Needed("custodian", person, band.custodians == "all") for person in custodian_ids]
    if band.youth:
        asked.append(Needed("youth", None, True))
    return tuple(asked)


def decisions_that_count(signatures: Collection[tuple[bool, str]]) -> tuple[str, ...]:
    """The decisions `consent_state` looks at, from (required, decision) pairs.

    Every required signature counts. Where custodians were asked but none is required ("one is enough"), the strongest answer among
    them counts: a "given", else one "awaited", else one "declined". Who cannot be reached has not signed for the others.
    """
    counted = [decision for required, decision in signatures if required]
    alternatives = [decision for required, decision in signatures if not required]
    if alternatives:
        counted.append(next(answer for answer in ("given", "awaited", "declined", "waived") if answer in alternatives))
    return tuple(counted)


def signed_of(signatures: Collection[tuple[bool, str]]) -> tuple[int, int]:
    """How many of the needed signatures are in (given or waived), and how many are needed: "1 av 2"."""
    counted = decisions_that_count(signatures)
    return sum(decision in ("given", "waived") for decision in counted), len(counted)


def birthday(birth: date, age: int) -> date:
    """The day somebody reaches this age in whole years; for those born on 29 February the first of March in a common year."""
    year = birth.year + age
    return date(year, 3, 1) if (birth.month, birth.day) == (2, 29) and not isleap(year) else birth.replace(year=year)


def renewal_days(rules: RuleSet, birth: date, valid_from: date, valid_to: date) -> tuple[date, ...]:
    """The birthdays inside the period on which somebody else must sign, so that the consent needs renewal."""
    days = []
    for band in rules.bands:
        if band.under is None:
            continue
        day = birthday(birth, band.under)
        if valid_from < day <= valid_to:
            days.append(day)
    return tuple(days)


# -- what can be asked for, answered and withdrawn --------------------------------------------------------------------

#: Part of every consent: without it nobody knows whom the rest is about.
ALWAYS_COVERED = "identity"


def scope_of(
    home_agency: str, agencies: Iterable[str], types: Iterable[str], without: Collection[Compartment] = ()
) -> frozenset[Compartment]:
    """What a consent covers: every chosen agency × every chosen type, less the exceptions.

    Identity is always covered, and the home agency always receives everything: it keeps the record.
    """
    kinds = {ALWAYS_COVERED, *types}
    everyone = {home_agency, *agencies}
    spared = {(agency, kind) for agency, kind in without if agency != home_agency and kind != ALWAYS_COVERED}
    return frozenset((agency, kind) for agency in everyone for kind in kinds) - spared


def why_not_ask(
    band: AgeRule, custodians: int, scope: Collection[Compartment], valid_from: date, valid_to: date, latest: date
) -> str | None:
    """None if a consent may be asked for on these terms, otherwise a code.

    `band` is the rule for the young person's age, `custodians` how many are registered, `latest` the last day the rule set allows.
    """
    if valid_to < valid_from:
        return "ends_before_start"
    if valid_to > latest:
        return "too_long"
    if len({agency for agency, _kind in scope}) < 2:
        return "no_other_agency"
    if {kind for _agency, kind in scope} <= {ALWAYS_COVERED}:
        return "nothing_to_share"
    if band.custodians != "none" and not custodians:
        return "no_custodian"
    return None


DECISIONS = ("awaited", "given", "declined", "waived")


@dataclass(frozen=True)
class Answered:
    """What somebody answered, as far as the rule looks at it."""

    is_youth: bool
    decision: str
    has_reason: bool
    decided_on: date | None
    method: str


def why_not_answer(answers: Sequence[Answered], today: date) -> tuple[int, str] | None:
    """None if these answers may be registered, otherwise the place of the first that may not and a code.

    A custodian who cannot be reached may be passed over, with a reason; the young person may not, and somebody must have said yes.
    """
    for place, answer in enumerate(answers):
        code = _why_not_this(answer, today)
        if code is not None:
            return place, code
    decisions = [answer.decision for answer in answers]
    if "waived" in decisions and not {"awaited", "given", "declined"} & set(decisions):
        return decisions.index("waived"), "all_waived"
    return None


def _why_not_this(answer: Answered, today: date) -> str | None:
    if answer.decision not in DECISIONS:
        return "unknown_decision"
    if answer.decision == "waived":
        if answer.is_youth:
            return "youth_waived"
        return None if answer.has_reason else "reason_needed"
    if answer.decision == "awaited":
        return None
    if answer.decided_on is None:
        return "day_needed"
    if answer.decided_on > today:
        return "day_in_future"
    return "method_needed" if answer.decision == "given" and not answer.method else None


def still_shared(scope: Collection[Compartment], home_agency: str) -> bool:
    """Whether anything but the identity still goes to anybody but the home agency; if not, nothing of the consent is left."""
    return any(agency != home_agency and kind != ALWAYS_COVERED for agency, kind in scope)

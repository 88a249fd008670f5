"""Consent as a page of a case: who is asked follows from who the young person and the custodians are.

Consent knows case ids, cases know people; here they meet. Answers are consent's own action, carried out from here so that the
case's status follows: waiting for consent, and mapping once it holds. A withdrawal needs nothing from here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from caseapp.access import Actor, Gate, Permission, ReadOnlyRow, action, allow, log_as, observe, remember_result, session, today
from caseapp.accounts import AgencyCard, office
from caseapp.consent import actions as consent_actions
from caseapp.consent import open_case
from caseapp.consent.actions import Answer, ConsentProblem, Terms
from caseapp.consent.opening import ALL_TYPES, Opening
from caseapp.consent.reading import ConsentCard, consents_of
from caseapp.consent.rules import (
    Decision,
    Needed,
    RuleSet,
    asks_somebody_else,
    ground_state,
    may_read,
    needed_signatures,
    renewal_days,
    scope_of,
    why_not_ask,
)
from caseapp.consent.rulesets import rule_sets, rules_called
from caseapp.formats import add_months, age

from .models import Case
from .reading import CaseBar, People, RelatedCard, case_bar, codes, current_people, everybody_related
from .remarks import Remarks, remarks_of


@dataclass(frozen=True)
class ConsentPage:
    """Everything the consent page shows.

    `reads`: agency id → information type → may it read what the *home agency* recorded, now? `birthdays` inside the period of the
    consent that holds, on which somebody else must sign. `must_sign` is who signs today; `other_signatories` tells that they
    are not all among those the consent that holds was signed by.
    """

    bar: CaseBar
    people: People
    everybody: dict[str, RelatedCard]
    agencies: tuple[AgencyCard, ...]
    consents: tuple[ConsentCard, ...]
    reads: dict[str, dict[str, Decision]]
    rule_set: str
    must_sign: tuple[Needed, ...]
    birthdays: tuple[date, ...]
    other_signatories: bool
    longest_until: date
    may_manage: bool
    user_names: dict[str, str]
    remarks: Remarks
    may_note: bool

    @property
    def partners(self) -> tuple[AgencyCard, ...]:
        """The agencies of the team besides the coordinator's."""
        return tuple(agency for agency in self.agencies if agency.id != self.bar.home_agency_id)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every information type, in the order of the code list."""
        return ALL_TYPES

    def agency_name(self, agency_id: str) -> str:
        """The name of an agency of the team."""
        return next((agency.name for agency in self.agencies if agency.id == agency_id), "")

    def rule_words(self, lang: str = "sv") -> str:
        """What the municipality's rule set says."""
        return rule_sets()[self.rule_set].label(lang)

    def why_closed(self) -> tuple[tuple[str, str], ...]:
        """(agency's name, reason code) of every agency of the team that reads nothing but its own."""
        shut = [(agency.name, list(self.reads[agency.id].values())) for agency in self.partners]
        return tuple((name, decisions[0].reason) for name, decisions in shut if not any(one.allowed for one in decisions))

    @property
    def holding(self) -> ConsentCard | None:
        """The consent that holds today, the newest if there are several."""
        return next((consent for consent in self.consents if consent.state == "active"), None)


@action
def read_consent(actor: Actor, case_id: str) -> ConsentPage:
    """The consents of a case, who signs, and who may read what today."""
    gate = allow(actor, Permission.READ_CONSENT, on=case_id)
    return _page(actor, gate, open_case(actor, gate))


@action
def read_consent_paper(actor: Actor, case_id: str) -> ConsentPage:
    """The same, for the form that is printed and signed on paper; the log tells that it was made."""
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id)
    log_as("print")
    return _page(actor, gate, open_case(actor, gate, types=("identity",)))


def _page(actor: Actor, gate: Gate, opening: Opening) -> ConsentPage:
    people = current_people(gate.id)
    register = office()
    code, rules = _rules_of(gate)
    consents = consents_of(gate.id)
    holding = next((consent for consent in consents if consent.state == "active"), None)
    needed = _needed(rules, people, today())
    agencies = register.team_agencies(gate.team_id)
    return ConsentPage(
        bar=case_bar(gate, opening),
        people=people,
        everybody=everybody_related(gate.id),
        agencies=agencies,
        consents=consents,
        reads={
            agency.id: {kind: may_read(agency.id, gate.home_agency_id, kind, opening.grounds, today()) for kind in ALL_TYPES}
            for agency in agencies
        },
        rule_set=code,
        must_sign=needed,
        birthdays=_birthdays(rules, people, holding),
        other_signatories=holding is not None
        and asks_somebody_else(needed, [(signature.person_id, signature.is_required) for signature in holding.signatures]),
        longest_until=latest_day(today(), rules),
        may_manage=observe(actor, Permission.MANAGE_CONSENT, gate.id),
        user_names={user.id: user.name for user in register.users.values()},
        remarks=remarks_of(gate.id, register),
        may_note=observe(actor, Permission.WRITE_NOTE, gate.id),
    )


def _rules_of(gate: Gate) -> tuple[str, RuleSet]:
    code = office().consent_rules(gate.work_form)
    return code, rules_called(code)


def _needed(rules: RuleSet, people: People, on: date) -> tuple[Needed, ...]:
    if people.young.born is None:
        return ()
    return needed_signatures(rules, age(people.young.born, on), [person.id for person in people.custodians])


def _birthdays(rules: RuleSet, people: People, holding: ConsentCard | None) -> tuple[date, ...]:
    if holding is None or people.young.born is None:
        return ()
    return tuple(day for day in renewal_days(rules, people.young.born, holding.valid_from, holding.valid_to) if day >= today())


def latest_day(valid_from: date, rules: RuleSet) -> date:
    """The last day a consent from `valid_from` may hold."""
    return add_months(valid_from, rules.longest_months) - timedelta(days=1)


def latest_of(valid_from: date, rule_set: str) -> date:
    """The same, by the rule set's code."""
    return latest_day(valid_from, rules_called(rule_set))


@action
def ask_for_consent(
    actor: Actor,
    case_id: str,
    *,
    agency_ids: Collection[str],
    types: Collection[str],
    without: Collection[tuple[str, str]] = (),
    valid_from: date,
    valid_to: date,
    purpose: str,
    language: str = "sv",
    informed_on: date | None = None,
    informed_by: str = "",
    paper_reference: str = "",
    renews_id: str = "",
    once: str | None = None,
) -> str:
    """Ask the young person and the custodians, as the municipality's rule set says, and give the consent's id.

    `without`: (agency id, information type) pairs that are excepted. Raises ConsentProblem with a code.
    """
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id, once=once)
    log_as("create")
    opening = open_case(actor, gate)
    code, rules = _rules_of(gate)
    people = current_people(case_id)
    if people.damaged:  # a custodian who cannot be read must not be one who is not asked
        raise ReadOnlyRow(f"{' '.join(people.damaged)} is damaged: who must sign cannot be told", people.damaged)
    if people.young.born is None:
        raise ConsentProblem("birth_date_missing")
    scope = scope_of(gate.home_agency_id, _known_agencies(gate, agency_ids), [kind for kind in types if kind in ALL_TYPES], without)
    band = rules.at(age(people.young.born, valid_from))
    problem = why_not_ask(band, len(people.custodians), scope, valid_from, valid_to, latest_day(valid_from, rules))
    if problem is not None:
        raise ConsentProblem(problem)
    terms = Terms(
        scope=scope,
        valid_from=valid_from,
        valid_to=valid_to,
        purpose=purpose,
        rule_set=code,
        language=language,
        informed_on=informed_on,
        informed_by=informed_by,
        paper_reference=paper_reference,
        renews_id=renews_id if renews_id in {ground.id for ground in opening.grounds if ground_state(ground, today()) == "active"} else "",
    )
    consent_id = consent_actions.place_request(actor, gate, terms, _needed(rules, people, valid_from))
    _advance(case_id, from_statuses=("noticed", "triage"), to="consent_pending")
    remember_result(once, consent_id)
    return consent_id


def _known_agencies(gate: Gate, agency_ids: Collection[str]) -> list[str]:
    return [agency.id for agency in office().team_agencies(gate.team_id) if agency.id in agency_ids]


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
    """Register the signatories' answers (see consent), and let the case's status follow. Gives the consent's state."""
    state = consent_actions.register_answers(
        actor, case_id, consent_id, answers, paper_reference=paper_reference, edition=edition, once=once
    )
    if state == "active":
        _advance(case_id, from_statuses=("noticed", "triage", "consent_pending"), to="mapping")
    return state


def _advance(case_id: str, *, from_statuses: Collection[str], to: str) -> None:
    case = session().get_one(Case, case_id)
    if codes(case.progress).get("status") in from_statuses:
        case.progress = {**case.progress, "status": to}

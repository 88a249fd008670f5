"""Consent as a page of a case: who is asked follows from who the young person and the custodians are.

Consent knows case ids, cases know people; here they meet. Answers are consent's own action, carried out from here so that the
case's status follows: waiting for consent, and mapping once it holds. A withdrawal needs nothing from here.
"""

from collections.abc import Collection, Mapping, Sequence
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
    Answered,
    Decision,
    Needed,
    RuleSet,
    ground_state,
    may_read,
    needed_signatures,
    scope_of,
    why_not_ask,
)
from caseapp.consent.rulesets import NamedRuleSet, rule_set_called, rule_set_if_known
from caseapp.consent.signatories import Renewal, first_day_to_sign, too_young
from caseapp.db import coded
from caseapp.documents.reading import documents_of, signed_originals
from caseapp.formats import add_months, age

from .models import Case
from .reading import CaseBar, People, RelatedCard, case_bar, current_people, everybody_related
from .remarks import Remarks, remarks_of
from .renewing import LIVING, Outlook, outlook_of


@dataclass(frozen=True)
class ConsentPage:
    """Everything the consent page shows.

    `reads`: agency id → information type → may it read what the *home agency* recorded, now? `rule` is the one that is asked under
    today, `asked_under` the version each consent (by id) was asked under, where it is known. `must_sign` is who signs today.
    `originals`: consent id → the document it is signed on, where this reader may open it.
    """

    bar: CaseBar
    people: People
    everybody: dict[str, RelatedCard]
    agencies: tuple[AgencyCard, ...]
    consents: tuple[ConsentCard, ...]
    reads: dict[str, dict[str, Decision]]
    rule: NamedRuleSet
    asked_under: dict[str, NamedRuleSet]
    must_sign: tuple[Needed, ...]
    outlook: Outlook
    longest_until: date
    may_manage: bool
    user_names: dict[str, str]
    remarks: Remarks
    may_note: bool
    originals: Mapping[str, str]

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

    @property
    def birthdays(self) -> tuple[date, ...]:
        """From today on, inside the consent that holds, on which somebody else must sign."""
        return self.outlook.birthdays

    def renewals(self, consent_id: str) -> tuple[Renewal, ...]:
        """Why this consent is to be renewed; nothing if it is not, or lives no more."""
        return self.outlook.renewals.get(consent_id, ())

    def signers_on(self, day: date) -> tuple[Needed, ...]:
        """Who signs a consent that is asked for today and begins this day."""
        return _needed(self.rule.rules, self.people, day)

    def latest_from(self, day: date) -> date:
        """The last day a consent that begins this day may hold."""
        return latest_day(day, self.rule.rules)

    def first_day_to_sign(self, consent: ConsentCard) -> date | None:
        """The day from which the young person's own yes to this consent counts, where the rule and the birth are known."""
        named, born = self.asked_under.get(consent.id), self.people.young.born
        return first_day_to_sign(named.rules, born) if named and born else None

    @property
    def refused(self) -> ConsentCard | None:
        """The newest question, if it was answered with a no and nothing else holds or waits."""
        newest = self.consents[0] if self.consents else None
        return newest if newest and newest.state == "declined" and self.holding is None else None

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
    rule = _rule_of(gate)
    consents = consents_of(gate.id)
    custodians = [person.id for person in people.custodians]
    known = {consent.id: rule_set_if_known(consent.rule_set) for consent in consents}
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
        rule=rule,
        asked_under={consent_id: named for consent_id, named in known.items() if named is not None},
        must_sign=_needed(rule.rules, people, today()),
        outlook=outlook_of([consent.asked for consent in consents], rule.rules, people.young.born, custodians),
        longest_until=latest_day(today(), rule.rules),
        may_manage=observe(actor, Permission.MANAGE_CONSENT, gate.id),
        user_names={user.id: user.name for user in register.users.values()},
        remarks=remarks_of(gate.id, register),
        may_note=observe(actor, Permission.WRITE_NOTE, gate.id),
        originals=signed_originals(documents_of(gate.id, register)),
    )


def _rule_of(gate: Gate) -> NamedRuleSet:
    return rule_set_called(office().consent_rules(gate.work_form))


def _needed(rules: RuleSet, people: People, on: date) -> tuple[Needed, ...]:
    if people.young.born is None:
        return ()
    return needed_signatures(rules, age(people.young.born, on), [person.id for person in people.custodians])


def latest_day(valid_from: date, rules: RuleSet) -> date:
    """The last day a consent from `valid_from` may hold."""
    return add_months(valid_from, rules.longest_months) - timedelta(days=1)


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
    rules = _rule_of(gate).rules
    people = current_people(case_id)
    if people.damaged:  # a custodian who cannot be read must not be one who is not asked
        raise ReadOnlyRow(f"{' '.join(people.damaged)} is damaged: who must sign cannot be told", people.damaged)
    if people.young.born is None:
        raise ConsentProblem("birth_date_missing")
    if not set(agency_ids) <= {agency.id for agency in office().team_agencies(gate.team_id)}:
        raise ConsentProblem("outside_team")
    scope = scope_of(gate.home_agency_id, agency_ids, [kind for kind in types if kind in ALL_TYPES], without)
    band = rules.at(age(people.young.born, valid_from))
    problem = why_not_ask(band, len(people.custodians), scope, valid_from, valid_to, latest_day(valid_from, rules))
    if problem is not None:
        raise ConsentProblem(problem)
    terms = Terms(
        scope=scope,
        valid_from=valid_from,
        valid_to=valid_to,
        purpose=purpose,
        rule_set=rules.code,
        language=language,
        informed_on=informed_on,
        informed_by=informed_by,
        paper_reference=paper_reference,
        renews_id=renews_id if renews_id in {one.id for one in opening.grounds if ground_state(one, today()) in LIVING} else "",
    )
    consent_id = consent_actions.place_request(actor, gate, terms, _needed(rules, people, valid_from))
    _advance(case_id, from_statuses=("noticed", "triage"), to="consent_pending")
    remember_result(once, consent_id)
    return consent_id


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
    """Register the signatories' answers (see consent), and let the case's status follow. Gives the consent's state.

    A yes of a young person who has not reached the age at which the rule lets them sign undoes it all: ConsentProblem.
    """
    state = consent_actions.register_answers(
        actor, case_id, consent_id, answers, paper_reference=paper_reference, edition=edition, once=once
    )
    _refuse_too_young(case_id, consent_id)
    if state == "active":
        _advance(case_id, from_statuses=("noticed", "triage", "consent_pending"), to="mapping")
    return state


def _refuse_too_young(case_id: str, consent_id: str) -> None:
    card = next(one for one in consents_of(case_id) if one.id == consent_id)
    named, born = rule_set_if_known(card.rule_set), current_people(case_id).young.born
    if named is None or born is None:
        return
    told = [Answered(one.person_id is None, one.decision, bool(one.reason), one.decided_on, one.method) for one in card.signatures]
    place = too_young(told, first_day_to_sign(named.rules, born))
    if place is not None:
        raise ConsentProblem("too_young", place)


def _advance(case_id: str, *, from_statuses: Collection[str], to: str) -> None:
    case = session().get_one(Case, case_id)
    if coded(case.progress).get("status") in from_statuses:
        case.progress = {**case.progress, "status": to}

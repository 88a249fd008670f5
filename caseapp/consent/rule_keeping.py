"""Keeping the municipality's own rule sets of who must sign: copy, change, stop offering, and see what changed and who did it.

For administrators, who see no case. Promised: every save is a new version with who and when; no version is altered, so each consent keeps
the rule it was asked under; a set that leaves an age without a line, or two lines for one, is refused; a set that a work form uses goes on
being offered. Which set a work form uses is chosen with the municipality's other settings.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy.exc import IntegrityError

from caseapp import codelists
from caseapp.access import Actor, NotFound, Permission, StaleForm, action, allow, log_as, log_detail, now, remember_result, session
from caseapp.accounts import office
from caseapp.codelists.rule_sets import age_of_majority, most_months
from caseapp.db import new_id

from .models import ConsentRuleSet
from .rules import AgeRule
from .rulesets import NamedRuleSet, own_rule_sets, rule_set_if_known, rule_sets
from .signatories import why_not_rules


class RuleProblem(ValueError):
    """This cannot be a rule set, or not be done with one. `code` says why; `place` which line, if it concerns one."""

    def __init__(self, code: str, place: int | None = None) -> None:
        super().__init__(code)
        self.code, self.place = code, place


@dataclass(frozen=True)
class Wording:
    """A rule set as somebody writes it: `bands` from the youngest up, the last one from the age of majority."""

    name: str
    bands: tuple[AgeRule, ...]
    longest_months: int
    name_en: str = ""
    unticked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RuleSetHistory:
    """A rule set with what changed in it. `changes`: version number → codes of what differs from the version before.

    `versions`: newest first, one only for a built-in set. `used_for`: the work forms it is chosen for. `user_names`: id → name.
    """

    versions: tuple[NamedRuleSet, ...]
    used_for: tuple[str, ...]
    changes: Mapping[int, tuple[str, ...]]
    user_names: Mapping[str, str]
    copied_from: NamedRuleSet | None = None

    @property
    def newest(self) -> NamedRuleSet:
        """The version that is in force."""
        return self.versions[0]


@action
def read_rule_sets(actor: Actor) -> tuple[RuleSetHistory, ...]:
    """Every rule set, the municipality's own first."""
    allow(actor, Permission.MANAGE_SETTINGS)
    log_as("view")
    return tuple(_history(versions) for versions in [*own_rule_sets().values(), *((one,) for one in rule_sets().values())])


@action
def read_rule_set(actor: Actor, set_id: str) -> RuleSetHistory:
    """One rule set with its versions. NotFound if there is none."""
    allow(actor, Permission.MANAGE_SETTINGS)
    log_as("view")
    return _history(_versions(set_id))


def choices_of(histories: Collection[RuleSetHistory], lang: str, chosen: Collection[str] = ()) -> list[tuple[str, str]]:
    """[(set's id, words)] for a form: the built-in sets and the own ones that are offered or `chosen` already."""
    newest = [history.newest for history in histories]
    return [(one.set_id, one.label(lang)) for one in newest if one.is_offered or one.set_id in chosen]


def _versions(set_id: str) -> tuple[NamedRuleSet, ...]:
    found = own_rule_sets().get(set_id) or tuple(one for code, one in rule_sets().items() if code == set_id)
    if not found:
        raise NotFound("not_found", Permission.MANAGE_SETTINGS)
    return found


def _history(versions: tuple[NamedRuleSet, ...]) -> RuleSetHistory:
    register, newest = office(), versions[0]
    changes = {one.number: _differences(before, one) for one, before in pairwise(versions)}
    used_for = tuple(form for form in codelists.codelist("WorkForm") if register.consent_rules(form) == newest.set_id)
    names = {one.made_by_id: register.user_name(one.made_by_id) for one in versions if one.made_by_id}
    return RuleSetHistory(versions, used_for, changes, names, rule_set_if_known(versions[-1].copied_from))


def _differences(before: NamedRuleSet, after: NamedRuleSet) -> tuple[str, ...]:
    compared = {
        "name": (before.sv, before.en) != (after.sv, after.en),
        "bands": before.rules.bands != after.rules.bands,
        "longest_months": before.rules.longest_months != after.rules.longest_months,
        "unticked": before.rules.unticked != after.rules.unticked,
        "offered": not before.is_offered and after.is_offered,
        "stopped": before.is_offered and not after.is_offered,
    }
    return tuple(code for code, differs in compared.items() if differs)


# -- writing ----------------------------------------------------------------------------------------------------------


@action
def write_rule_set(actor: Actor, wording: Wording, *, copied_from: str = "", once: str | None = None) -> str:
    """A new rule set of the municipality's own, and its id. Raises RuleProblem."""
    allow(actor, Permission.MANAGE_SETTINGS, once=once)
    log_as("create")
    set_id = new_id()
    _refuse_unsound(wording, set_id)
    _add(actor, set_id, 1, wording, copied_from=copied_from)
    remember_result(once, set_id)
    return set_id


@action
def rewrite_rule_set(actor: Actor, set_id: str, wording: Wording, *, number: int | None = None, once: str | None = None) -> int:
    """A new version of an own rule set, and its number; the number there was if nothing differs.

    Consents that were asked before keep theirs. `number`: the version the form was made from; StaleForm if there is a newer one. Raises
    RuleProblem.
    """
    allow(actor, Permission.MANAGE_SETTINGS, once=once)
    newest = _own(set_id)
    if number is not None and number != newest.number:
        raise StaleForm(newest)
    _refuse_unsound(wording, set_id)
    remember_result(once, set_id)
    if wording == _wording_of(newest):
        return newest.number
    _add(actor, set_id, newest.number + 1, wording, is_offered=newest.is_offered, copied_from=newest.copied_from)
    return newest.number + 1


@action
def offer_rule_set(actor: Actor, set_id: str, *, offered: bool) -> None:
    """Offer an own set for work forms, or no longer; that too is a version. RuleProblem while a work form uses it."""
    allow(actor, Permission.MANAGE_SETTINGS)
    newest = _own(set_id)
    if not offered and _history((newest,)).used_for:
        raise RuleProblem("in_use")
    if newest.is_offered is not offered:
        _add(actor, set_id, newest.number + 1, _wording_of(newest), is_offered=offered, copied_from=newest.copied_from)


def _own(set_id: str) -> NamedRuleSet:
    newest = _versions(set_id)[0]
    if not newest.is_own:
        raise RuleProblem("built_in")
    return newest


def _wording_of(one: NamedRuleSet) -> Wording:
    return Wording(one.sv, one.rules.bands, one.rules.longest_months, one.en, one.rules.unticked)


def _refuse_unsound(wording: Wording, set_id: str) -> None:
    if not wording.name.strip():
        raise RuleProblem("name_missing")
    others = [versions[0] for versions in own_rule_sets().values() if versions[0].set_id != set_id]
    if wording.name.casefold() in {one.sv.casefold() for one in [*others, *rule_sets().values()]}:
        raise RuleProblem("name_taken")
    problem = why_not_rules(wording.bands, wording.longest_months, majority=age_of_majority(), most_months=most_months())
    if problem is not None:
        raise RuleProblem(*problem)
    if not wording.unticked <= set(codelists.codelist("Actor")):
        raise RuleProblem("unknown_actor")


def _add(actor: Actor, set_id: str, number: int, wording: Wording, *, is_offered: bool = True, copied_from: str = "") -> None:
    terms = {
        "bands": [{"under": band.under, "custodians": band.custodians, "youth": band.youth} for band in wording.bands],
        "longest_months": wording.longest_months,
        "unticked": sorted(wording.unticked),
        "copied_from": copied_from,
    }
    session().add(
        ConsentRuleSet(
            set_id=set_id,
            number=number,
            is_offered=is_offered,
            made_at=now(),
            made_by_id=actor.user_id,
            name=wording.name,
            name_en=wording.name_en,
            terms=terms,
        )
    )
    try:
        session().flush()
    except IntegrityError:  # somebody else wrote the same version in this very moment
        raise StaleForm from None
    log_detail(rule_set=set_id, rule_set_version=number)

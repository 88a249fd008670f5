"""Who must sign, what state a consent is in, who may read: tables whose answers come from the domain notes, not from the code.

Sources: the municipal variants of who signs (Munkfors, Kinda, Lidköping, Skövde, Norrköping, Kramfors), OSL 10:1 and 12:2, and the
sentence "yes if own agency's item, or an active consent from the owner agency to the reader's agency covering the type".
"""

from datetime import UTC, date, datetime

import pytest

from caseapp.consent.rules import (
    AgeRule,
    Answered,
    ConsentFacts,
    Ground,
    RuleSet,
    consent_state,
    decisions_that_count,
    ground_state,
    may_read,
    needed_signatures,
    renewal_days,
    scope_of,
    signed_of,
    still_shared,
    why_not_answer,
    why_not_ask,
)
from caseapp.consent.rulesets import rule_sets, rules_called

MONA, PER = "mona", "per"
BOTH = [MONA, PER]
HOME, SCHOOL, POLICE, LEISURE = "social", "school", "police", "leisure"
START, END = date(2026, 3, 1), date(2027, 2, 28)
NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)


# -- who must sign: (rule set, age, custodians) → who is asked, "!" where the consent waits for just that signature --------------

WHO_SIGNS = [
    # Under 15 all custodians; 15–17 all custodians and the young person; from 18 the young person only (the default).
    ("default", 14, BOTH, ["mona!", "per!"]),
    ("default", 15, BOTH, ["mona!", "per!", "youth!"]),
    ("default", 17, BOTH, ["mona!", "per!", "youth!"]),
    ("default", 18, BOTH, ["youth!"]),
    ("default", 14, [MONA], ["mona!"]),
    ("default", 20, [], ["youth!"]),
    # Guardians only under 18, then the young person only (Munkfors SSPF).
    ("custodians_until_18", 17, BOTH, ["mona!", "per!"]),
    ("custodians_until_18", 18, BOTH, ["youth!"]),
    # Guardians and young person together (Lidköping).
    ("always_both", 10, BOTH, ["mona!", "per!", "youth!"]),
    ("always_both", 18, BOTH, ["youth!"]),
    # One custodian's signature is enough.
    ("one_custodian", 14, BOTH, ["mona", "per"]),
    ("one_custodian", 16, BOTH, ["mona", "per", "youth!"]),
]


@pytest.mark.parametrize(("code", "age", "custodians", "expected"), WHO_SIGNS)
def test_who_must_sign_follows_the_rule_set_and_the_age(code: str, age: int, custodians: list[str], expected: list[str]) -> None:
    needed = needed_signatures(rules_called(code), age, custodians)
    assert [(one.person_id or "youth") + ("!" if one.required else "") for one in needed] == expected


def test_every_rule_set_has_words_in_both_languages_and_a_longest_time() -> None:
    assert {"default", "custodians_until_18", "always_both", "one_custodian"} <= set(rule_sets())
    for named in rule_sets().values():
        assert named.label("sv") != named.label("en")
        assert named.rules.longest_months >= 1


def test_a_rule_set_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="norrland"):
        rules_called("norrland")


# -- states ---------------------------------------------------------------------------------------------------------------


def facts(*decisions: str, **changed: object) -> ConsentFacts:
    given: dict[str, object] = {"is_draft": False, "decisions": decisions, "valid_from": START, "valid_to": END}
    return ConsentFacts(**(given | changed))  # type: ignore[arg-type]


STATES = [
    (facts("given", "awaited"), date(2026, 6, 1), "pending"),
    (facts("awaited"), date(2026, 6, 1), "pending"),
    (facts(), date(2026, 6, 1), "pending"),
    (facts("given", "given"), date(2026, 6, 1), "active"),
    (facts("given", "waived"), date(2026, 6, 1), "active"),
    (facts("waived", "waived"), date(2026, 6, 1), "pending"),
    (facts("given", "declined"), date(2026, 6, 1), "declined"),
    (facts("given", "given"), END, "active"),
    (facts("given", "given"), date(2027, 3, 1), "expired"),
    (facts("given", "awaited"), date(2027, 3, 1), "expired"),
    (facts("given", withdrawn_at=NOON), date(2026, 6, 1), "withdrawn"),
    (facts("given", withdrawn_at=NOON), date(2027, 3, 1), "withdrawn"),
    (facts("given", superseded_by="newer"), date(2026, 6, 1), "superseded"),
    (facts("given", is_draft=True), date(2026, 6, 1), "draft"),
]


@pytest.mark.parametrize(("told", "on", "expected"), STATES)
def test_each_state_of_a_consent(told: ConsentFacts, on: date, expected: str) -> None:
    assert consent_state(told, on) == expected


COUNTED = [
    ([(True, "given"), (True, "awaited")], (1, 2)),
    ([(True, "given"), (True, "given")], (2, 2)),
    ([(True, "given"), (True, "waived")], (2, 2)),
    ([(False, "given"), (False, "awaited")], (1, 1)),
    ([(False, "awaited"), (False, "declined"), (True, "given")], (1, 2)),
    ([], (0, 0)),
]


@pytest.mark.parametrize(("signatures", "expected"), COUNTED)
def test_partly_signed_is_counted_in_words_people_see(signatures: list[tuple[bool, str]], expected: tuple[int, int]) -> None:
    assert signed_of(signatures) == expected


def test_where_one_custodian_is_enough_the_other_ones_no_does_not_stop_it() -> None:
    assert decisions_that_count([(False, "given"), (False, "declined")]) == ("given",)
    assert decisions_that_count([(False, "declined"), (False, "declined")]) == ("declined",)
    assert decisions_that_count([(False, "declined"), (False, "awaited")]) == ("awaited",)


def test_where_one_custodian_is_enough_one_who_cannot_be_reached_has_not_said_yes_for_the_other() -> None:
    assert decisions_that_count([(False, "waived"), (False, "awaited")]) == ("awaited",)
    assert decisions_that_count([(False, "waived"), (False, "declined")]) == ("declined",)
    assert decisions_that_count([(False, "waived"), (False, "waived")]) == ("waived",)
    assert decisions_that_count([(False, "waived"), (False, "given")]) == ("given",)


# -- birthdays ------------------------------------------------------------------------------------------------------------

BIRTHDAYS = [
    ("default", date(2011, 6, 1), [date(2026, 6, 1)]),
    ("default", date(2008, 6, 1), [date(2026, 6, 1)]),
    ("default", date(2011, 3, 1), []),  # already 15 on the first day
    ("default", date(2012, 2, 28), [date(2027, 2, 28)]),  # 15 on the last day
    ("default", date(2012, 3, 1), []),  # 15 the day after
    ("default", date(2012, 2, 29), []),  # 29 February: 15 on 1 March 2027, the day after the last
    ("custodians_until_18", date(2011, 6, 1), []),
    ("custodians_until_18", date(2009, 2, 1), [date(2027, 2, 1)]),
]


@pytest.mark.parametrize(("code", "birth", "expected"), BIRTHDAYS)
def test_a_birthday_that_changes_who_signs_flags_renewal(code: str, birth: date, expected: list[date]) -> None:
    assert list(renewal_days(rules_called(code), birth, START, END)) == expected


def test_born_on_29_february_somebody_is_15_on_the_first_of_march_in_a_common_year() -> None:
    assert renewal_days(rules_called("default"), date(2012, 2, 29), START, date(2027, 6, 1)) == (date(2027, 3, 1),)


def test_born_on_29_february_somebody_is_16_on_the_29th_in_a_leap_year() -> None:
    from_16 = RuleSet("from_16", (AgeRule(16, "all", False), AgeRule(None, "none", True)), 12)
    assert renewal_days(from_16, date(2012, 2, 29), date(2028, 1, 1), date(2028, 12, 31)) == (date(2028, 2, 29),)


# -- may read: reader × owner × type × ground → decision and its reason -----------------------------------------------------------


def ground(state: str = "active", scope: frozenset[tuple[str, str]] | None = None, **changed: object) -> Ground:
    if scope is None:
        scope = scope_of(HOME, [SCHOOL, POLICE], ["attendance", "family"], [(POLICE, "attendance")])
    given: dict[str, object] = {
        "id": "c1",
        "kind": "consent",
        "state": state,
        "agencies": frozenset({agency for agency, _kind in scope} | {HOME}),
        "scope": scope,
        "valid_from": START,
        "valid_to": END,
    }
    return Ground(**(given | changed))  # type: ignore[arg-type]


DURING = date(2026, 6, 1)
MAY_READ = [
    (SCHOOL, SCHOOL, "health", [], True, "own_agency"),
    (SCHOOL, HOME, "family", [], False, "no_consent"),
    (SCHOOL, HOME, "family", [ground()], True, "consent"),
    (SCHOOL, HOME, "identity", [ground()], True, "consent"),
    (HOME, SCHOOL, "attendance", [ground()], True, "consent"),
    (POLICE, SCHOOL, "attendance", [ground()], False, "type_not_covered"),
    (POLICE, SCHOOL, "family", [ground()], True, "consent"),
    (POLICE, HOME, "health", [ground()], False, "type_not_covered"),
    (LEISURE, HOME, "family", [ground()], False, "agency_not_covered"),
    (SCHOOL, LEISURE, "family", [ground()], False, "owner_not_covered"),
    (SCHOOL, HOME, "family", [ground("pending")], False, "consent_pending"),
    (SCHOOL, HOME, "family", [ground("declined")], False, "consent_declined"),
    (SCHOOL, HOME, "family", [ground("withdrawn")], False, "consent_withdrawn"),
    (SCHOOL, HOME, "family", [ground("expired")], False, "consent_expired"),
    (SCHOOL, HOME, "family", [ground(valid_to=date(2026, 5, 31))], False, "consent_expired"),
    (SCHOOL, HOME, "family", [ground(valid_from=date(2026, 6, 2))], False, "consent_not_yet_valid"),
    (SCHOOL, HOME, "family", [ground("superseded")], False, "no_consent"),
    (SCHOOL, HOME, "family", [ground("withdrawn"), ground()], True, "consent"),
]


@pytest.mark.parametrize(("reader", "owner", "kind", "grounds", "allowed", "reason"), MAY_READ)
def test_who_may_read_what_and_why(reader: str, owner: str, kind: str, grounds: list[Ground], allowed: bool, reason: str) -> None:
    decision = may_read(reader, owner, kind, grounds, DURING)
    assert (decision.allowed, decision.reason) == (allowed, reason)
    assert bool(decision.ground_id) == (reason == "consent")


def test_the_most_telling_reason_comes_first() -> None:
    ranked = ["withdrawn", "expired", "pending", "declined", "not_yet_valid", "draft"]
    grounds = {state: ground(state) for state in ranked} | {"not_yet_valid": ground(valid_from=date(2026, 6, 2))}
    for place, state in enumerate(ranked):
        weaker = [grounds[other] for other in reversed(ranked[place:])]
        assert may_read(SCHOOL, HOME, "family", weaker, DURING).reason == f"consent_{state}"


def test_a_ground_that_holds_says_more_than_one_that_is_over() -> None:
    assert may_read(LEISURE, HOME, "family", [ground("withdrawn"), ground()], DURING).reason == "agency_not_covered"


def test_one_ground_that_covers_the_owner_is_enough_for_the_type_to_be_what_is_missing() -> None:
    other = ground(agencies=frozenset({POLICE}))
    assert may_read(SCHOOL, HOME, "health", [other, ground()], DURING).reason == "type_not_covered"


def test_a_ground_holds_on_its_first_and_its_last_day() -> None:
    assert [ground_state(ground(), day) for day in (date(2026, 2, 28), START, END, date(2027, 3, 1))] == [
        "not_yet_valid",
        "active",
        "active",
        "expired",
    ]


# -- scope, asking, answering ---------------------------------------------------------------------------------------------------


def test_identity_is_always_covered_and_cannot_be_excepted() -> None:
    scope = scope_of(HOME, [SCHOOL], ["family"], [(SCHOOL, "identity"), (HOME, "family"), (SCHOOL, "family")])
    assert scope == {(HOME, "identity"), (HOME, "family"), (SCHOOL, "identity")}


UNDER_15, ADULT = AgeRule(15, "all", False), AgeRule(None, "none", True)
SCOPE = scope_of(HOME, [SCHOOL], ["family"])
ASKING = [
    ((UNDER_15, 1, SCOPE, START, END, END), None),
    ((UNDER_15, 0, SCOPE, START, END, END), "no_custodian"),
    ((ADULT, 0, SCOPE, START, END, END), None),
    ((UNDER_15, 1, SCOPE, START, date(2026, 2, 28), END), "ends_before_start"),
    ((UNDER_15, 1, SCOPE, START, START, END), None),
    ((UNDER_15, 1, SCOPE, START, date(2027, 3, 1), END), "too_long"),
    ((UNDER_15, 1, scope_of(HOME, [], ["family"]), START, END, END), "no_other_agency"),
    ((UNDER_15, 1, scope_of(HOME, [SCHOOL], []), START, END, END), "nothing_to_share"),
]


@pytest.mark.parametrize(("terms", "expected"), ASKING)
def test_when_consent_cannot_be_asked_for(terms: tuple, expected: str | None) -> None:
    assert why_not_ask(*terms) == expected


def said(decision: str, *, youth: bool = False, reason: bool = False, on: date | None = DURING, method: str = "paper") -> Answered:
    return Answered(youth, decision, reason, on, method)


ANSWERS = [
    ([said("given"), said("awaited", on=None, method="")], None),
    ([said("given"), said("declined", method="")], None),
    ([said("given"), said("waived", reason=True)], None),
    ([said("given"), said("waived")], (1, "reason_needed")),
    ([said("given"), said("waived", youth=True, reason=True)], (1, "youth_waived")),
    ([said("waived", reason=True), said("waived", reason=True)], (0, "all_waived")),
    ([said("awaited"), said("waived", reason=True)], None),
    ([said("declined"), said("waived", reason=True)], None),
    ([], None),
    ([said("given", on=None)], (0, "day_needed")),
    ([said("declined", on=None)], (0, "day_needed")),
    ([said("given", on=date(2026, 6, 2))], (0, "day_in_future")),
    ([said("given", method="")], (0, "method_needed")),
    ([said("perhaps")], (0, "unknown_decision")),
]


@pytest.mark.parametrize(("answers", "expected"), ANSWERS)
def test_which_answers_may_be_registered(answers: list[Answered], expected: tuple[int, str] | None) -> None:
    assert why_not_answer(answers, DURING) == expected


def test_a_consent_of_which_only_the_home_agency_or_the_identity_is_left_is_over() -> None:
    assert still_shared(SCOPE, HOME)
    assert not still_shared({(HOME, "family"), (HOME, "identity")}, HOME)
    assert not still_shared({(SCHOOL, "identity"), (HOME, "family")}, HOME)

"""Who signs by the book: by table, from municipal practice, föräldrabalken 6 kap. 2 and 11 §§, and ages counted by hand."""

from datetime import date

import pytest

from caseapp.consent.rules import AgeRule, Answered, needed_signatures
from caseapp.consent.rulesets import rule_sets, rules_called
from caseapp.consent.signatories import Asked, Renewal, first_day_to_sign, too_young, who_disagree, why_not_rules, why_renew

MONA, PER, EVA = "mona", "per", "eva"
BOTH = [MONA, PER]
ADULT = AgeRule(None, "none", True)

# -- the practice of municipalities, as their own pages tell it -------------------------------------------------------------

PRACTICE = [
    ("Munkfors SSPF", "custodians_until_18", 10, BOTH, {MONA, PER}),
    ("Munkfors SSPF", "custodians_until_18", 17, BOTH, {MONA, PER}),
    ("Munkfors SSPF", "custodians_until_18", 18, BOTH, {"youth"}),
    ("Kinda", "default", 14, BOTH, {MONA, PER}),
    ("Kinda", "default", 15, BOTH, {MONA, PER, "youth"}),
    ("Lidköping", "together_police_when_needed", 11, BOTH, {MONA, PER, "youth"}),
    ("Lidköping", "together_police_when_needed", 18, BOTH, {"youth"}),
    ("Skövde SIG", "default", 14, BOTH, {MONA, PER}),
    ("Skövde SIG", "default", 16, BOTH, {MONA, PER, "youth"}),
    ("Norrköping SSPF", "custodians_until_18", 16, BOTH, {MONA, PER}),
    ("Norrköping SIG", "always_both", 12, BOTH, {MONA, PER, "youth"}),
    ("Kramfors, joint custody", "default", 13, BOTH, {MONA, PER}),
    ("Kramfors, one has custody", "default", 13, [MONA], {MONA}),
]


@pytest.mark.parametrize(("where", "code", "age", "custodians", "signs"), PRACTICE)
def test_the_practice_of_each_municipality_is_among_the_built_in_rules(
    where: str, code: str, age: int, custodians: list[str], signs: set[str]
) -> None:
    needed = needed_signatures(rules_called(code), age, custodians)
    assert {one.person_id or "youth" for one in needed if one.required} == signs, where


def test_only_where_the_police_are_chosen_case_by_case_is_anybody_left_unticked() -> None:
    assert {code: set(named.rules.unticked) for code, named in rule_sets().items() if named.rules.unticked} == {
        "together_police_when_needed": {"police"}
    }


#: As each was first released. Consents point at them for ever: a line here is never changed, a new practice is a new line.
AS_RELEASED = {
    "default": ([(15, "all", False), (18, "all", True), (None, "none", True)], 12, []),
    "custodians_until_18": ([(18, "all", False), (None, "none", True)], 12, []),
    "always_both": ([(18, "all", True), (None, "none", True)], 12, []),
    "together_police_when_needed": ([(18, "all", True), (None, "none", True)], 12, ["police"]),
    "one_custodian": ([(15, "one", False), (18, "one", True), (None, "none", True)], 12, []),
}


def test_a_built_in_rule_is_what_it_was_when_the_first_consent_was_asked_under_it() -> None:
    found = {}
    for code, named in rule_sets().items():
        bands = [(band.under, band.custodians, band.youth) for band in named.rules.bands]
        found[code] = (bands, named.rules.longest_months, [*named.rules.unticked])
    assert found == AS_RELEASED


# -- what may be a rule ---------------------------------------------------------------------------------------------------


def lines(*told: tuple[int | None, str, bool]) -> list[AgeRule]:
    return [AgeRule(*one) for one in told]


SOUND = [
    pytest.param(lines((15, "all", False), (18, "all", True), (None, "none", True)), 12, None, id="the usual one"),
    pytest.param(lines((18, "one", False), (None, "none", True)), 1, None, id="one custodian, one month"),
    pytest.param(lines((18, "none", True), (None, "none", True)), 36, None, id="the young person alone, three years"),
    pytest.param([], 12, ("no_bands", None), id="nothing"),
    pytest.param(lines((None, "none", True)), 12, ("gap", 0), id="nobody below 18 has a line"),
    pytest.param(lines((15, "all", False), (None, "none", True)), 12, ("gap", 1), id="15 to 17 have no line"),
    pytest.param(lines((15, "all", False), (18, "all", True)), 12, ("gap", 1), id="from 18 nobody has a line"),
    pytest.param(lines((18, "all", False), (20, "none", True)), 12, ("gap", 1), id="from 20 nobody has a line"),
    pytest.param(lines((18, "all", False), (20, "none", True), (None, "none", True)), 12, ("beyond_majority", 1), id="two lines of age"),
    pytest.param(lines((18, "all", False), (15, "all", True), (None, "none", True)), 12, ("overlap", 1), id="falling ages"),
    pytest.param(lines((15, "all", False), (15, "all", True), (None, "none", True)), 12, ("overlap", 1), id="the same age twice"),
    pytest.param(lines((None, "none", True), (18, "all", True), (None, "none", True)), 12, ("overlap", 0), id="an open line first"),
    pytest.param(lines((0, "all", False), (18, "all", True), (None, "none", True)), 12, ("overlap", 0), id="under nought years"),
    pytest.param(lines((-3, "all", False), (18, "all", True), (None, "none", True)), 12, ("overlap", 0), id="a negative age"),
    pytest.param(lines((20, "all", False), (None, "none", True)), 12, ("beyond_majority", 0), id="custody at 19"),
    pytest.param(lines((18, "all", False), (None, "one", True)), 12, ("custodians_of_adult", 1), id="custodians of grown-ups"),
    pytest.param(lines((15, "none", False), (18, "all", True), (None, "none", True)), 12, ("nobody_signs", 0), id="nobody signs"),
    pytest.param(lines((18, "all", False), (None, "none", False)), 12, ("nobody_signs", 1), id="no grown-up signs"),
    pytest.param(lines((18, "both", False), (None, "none", True)), 12, ("unknown_custodians", 0), id="an unknown word"),
    pytest.param(lines((18, "all", False), (None, "none", True)), 0, ("absurd_months", None), id="no months at all"),
    pytest.param(lines((18, "all", False), (None, "none", True)), -1, ("absurd_months", None), id="a negative time"),
    pytest.param(lines((18, "all", False), (None, "none", True)), 37, ("absurd_months", None), id="more than three years"),
]


@pytest.mark.parametrize(("bands", "months", "expected"), SOUND)
def test_a_rule_has_one_line_for_every_age_and_a_time_people_remember(
    bands: list[AgeRule], months: int, expected: tuple[str, int | None] | None
) -> None:
    assert why_not_rules(bands, months, majority=18, most_months=36) == expected


def test_the_youngest_line_may_be_for_a_childs_first_year() -> None:
    bands = [AgeRule(1, "all", False), AgeRule(18, "all", True), ADULT]
    assert why_not_rules(bands, 12, majority=18, most_months=36) is None


def test_every_built_in_rule_is_one_that_could_be_written() -> None:
    for named in rule_sets().values():
        assert why_not_rules(named.rules.bands, named.rules.longest_months, majority=18, most_months=36) is None


# -- whether the right people were asked ------------------------------------------------------------------------------------

ALL, ALL_AND_YOUTH = AgeRule(15, "all", False), AgeRule(18, "all", True)
ONE, ONE_AND_YOUTH = AgeRule(15, "one", False), AgeRule(18, "one", True)


def asked(*told: str) -> list[Asked]:
    """ "mona given" …; "youth" is the young person."""
    return [Asked(None if who == "youth" else who, True, answer) for who, answer in (one.split() for one in told)]


RENEW = [
    pytest.param(ALL, BOTH, asked("mona given", "per given"), [], id="nothing has changed"),
    pytest.param(ALL, BOTH, asked("per given", "mona given"), [], id="the order says nothing"),
    pytest.param(ALL, BOTH, asked("mona given"), [("new_custodian", PER)], id="Per got custody"),
    pytest.param(ALL, [MONA], asked("mona given", "per given"), [("custodian_ended", PER)], id="Per lost custody"),
    pytest.param(ALL, [MONA], asked("mona given", "per waived"), [("custodian_ended", PER)], id="so did one who could not be reached"),
    pytest.param(ALL, [EVA], asked("mona given"), [("new_custodian", EVA), ("custodian_ended", MONA)], id="custody moved"),
    pytest.param(ALL, [], asked("mona given"), [("custodian_ended", MONA)], id="nobody has custody"),
    pytest.param(ALL_AND_YOUTH, BOTH, asked("mona given", "per given"), [("youth_signs", None)], id="the young person is 15"),
    pytest.param(ALL_AND_YOUTH, BOTH, asked("mona given", "per given", "youth given"), [], id="15, and has signed"),
    pytest.param(
        ALL_AND_YOUTH, [MONA], asked("mona given", "per given"), [("youth_signs", None), ("custodian_ended", PER)], id="both at once"
    ),
    pytest.param(ADULT, BOTH, asked("mona given", "per given"), [("youth_signs", None)], id="18, and never asked"),
    pytest.param(ADULT, BOTH, asked("mona given", "per given", "youth given"), [("youth_alone", None)], id="18, asked with the custodians"),
    pytest.param(ADULT, [], asked("youth given"), [], id="18, and signed alone"),
    pytest.param(ONE, BOTH, asked("mona given"), [], id="one is enough, and she is still one"),
    pytest.param(ONE, [PER], asked("mona given", "per declined"), [("custodian_ended", MONA)], id="the one who said yes is not"),
    pytest.param(ONE, BOTH, asked("mona awaited"), [], id="one is enough, and may still answer"),
    pytest.param(ONE, [PER], asked("mona awaited"), [("new_custodian", PER), ("custodian_ended", MONA)], id="the wrong one is waited for"),
    pytest.param(ONE_AND_YOUTH, BOTH, asked("mona given"), [("youth_signs", None)], id="one is enough, but the young person is 15"),
]


@pytest.mark.parametrize(("band", "custodians", "told", "expected"), RENEW)
def test_why_a_consent_no_longer_has_the_right_peoples_word(
    band: AgeRule, custodians: list[str], told: list[Asked], expected: list[tuple[str, str | None]]
) -> None:
    assert list(why_renew(band, custodians, told)) == [Renewal(*one) for one in expected]


# -- answers ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "born", "first"),
    [
        ("default", date(2012, 4, 15), date(2027, 4, 15)),
        ("default", date(2012, 2, 29), date(2027, 3, 1)),
        ("custodians_until_18", date(2012, 4, 15), date(2030, 4, 15)),
        ("always_both", date(2012, 4, 15), date(2012, 4, 15)),
    ],
)
def test_the_first_day_a_young_persons_own_yes_counts(code: str, born: date, first: date) -> None:
    assert first_day_to_sign(rules_called(code), born) == first


def test_a_yes_before_that_day_is_too_young_and_a_no_is_not() -> None:
    first, before = date(2027, 4, 15), date(2027, 4, 14)

    def said(decision: str, on: date | None, *, youth: bool = True) -> Answered:
        return Answered(youth, decision, False, on, "paper")

    assert too_young([said("given", before, youth=False), said("given", before)], first) == 1
    assert too_young([said("given", first)], first) is None
    assert too_young([said("declined", before)], first) is None
    assert too_young([said("awaited", None)], first) is None
    assert too_young([said("given", before, youth=False)], first) is None
    assert too_young([said("given", None), said("given", before)], first) == 1  # that the first has no day, another rule says


@pytest.mark.parametrize(
    ("answers", "between"),
    [
        ([(False, "given"), (False, "declined")], "custodians"),
        ([(False, "given"), (False, "declined"), (True, "given")], "custodians"),
        ([(False, "given"), (False, "given"), (True, "declined")], "youth"),
        ([(False, "declined"), (True, "given")], "youth"),
        ([(False, "declined"), (False, "waived"), (True, "given")], "youth"),
        ([(False, "given"), (False, "given"), (True, "given")], ""),
        ([(False, "declined"), (True, "declined")], ""),
        ([(False, "given"), (True, "awaited")], ""),
        ([(False, "waived"), (True, "given")], ""),
        ([(False, "declined"), (False, "declined")], ""),
        ([(False, "given"), (False, "waived")], ""),
        ([(False, "declined"), (False, "awaited")], ""),
        ([(True, "declined")], ""),
        ([], ""),
    ],
)
def test_between_whom_a_yes_stands_against_a_no(answers: list[tuple[bool, str]], between: str) -> None:
    assert who_disagree(answers) == between

"""What may be handed over without consent, rule by rule: from one decision that may be taken, each thing that makes it one that may not.

Expected values come from the rules in words: the list's own explanation of its fields, and what a decision to disclose (utlämnande) has
to say: the ground, from which agency, to whom, which types, the weighing, the days, whether the person was informed, who decided.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from caseapp.consent.disclosure_rules import (
    DecisionFacts,
    DisclosureGround,
    Proposed,
    disclosure_state,
    latest_day,
    opens,
    why_not_agree,
    why_not_decide,
    why_not_disclose,
)
from caseapp.consent.rules import may_read

YESTERDAY, TODAY, TOMORROW = date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 2)
LAST = date(2026, 6, 30)

#: Offered for the whole of June, from social services to the police, about somebody under 21, for at most the thirty days of June.
GROUND = DisclosureGround(
    code="x",
    sv="Förebygga brott",
    en="Prevent crime",
    statute="10 kap. 18 a § offentlighets- och sekretesslagen (2009:400)",
    valid_from=TODAY,
    valid_to=LAST,
    from_kinds=frozenset({"social_services", "leisure"}),
    to_kinds=frozenset({"police", "school"}),
    to_outside=True,
    weighing_needed=True,
    two_decide=True,
    longest_days=30,
    under_age=21,
    conditions_sv="En risk för brott",
    conditions_en="A risk of crime",
)
#: For the whole month, and the young person turns 21 the day after.
WANTED = Proposed(
    from_agency="social",
    from_kind="social_services",
    to_agency="police",
    to_kind="police",
    has_recipient=False,
    types=("offences",),
    has_weighing=True,
    valid_from=TODAY,
    valid_to=LAST,
    informed_on=TODAY,
    has_reason_not_informed=False,
    last_day_of_age=LAST,
)
OUTSIDE = {"to_agency": None, "to_kind": None, "has_recipient": True}


def said(ground: dict, wanted: dict) -> str | None:
    """What the rules say of the decision above, with these things changed in the ground and in the decision."""
    return why_not_disclose(replace(GROUND, **ground), replace(WANTED, **wanted), TODAY)


# -- the words of a ground ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "label", "conditions"),
    [
        ("sv", "Förebygga brott", "En risk för brott"),
        ("en", "Prevent crime", "A risk of crime"),
        ("fi", "Förebygga brott", "En risk för brott"),
    ],
)
def test_a_ground_speaks_english_to_who_reads_english_and_swedish_to_everybody_else(lang: str, label: str, conditions: str) -> None:
    assert (GROUND.label(lang), GROUND.conditions(lang)) == (label, conditions)


def test_a_ground_speaks_swedish_where_nobody_says_which_language() -> None:
    assert (GROUND.label(), GROUND.conditions()) == ("Förebygga brott", "En risk för brott")


# -- the ground -------------------------------------------------------------------------------------------------------------


def test_a_decision_that_says_everything_it_has_to_may_be_taken() -> None:
    assert said({}, {}) is None


def test_nothing_is_handed_over_on_a_ground_that_is_not_in_the_list() -> None:
    assert why_not_disclose(None, WANTED, TODAY) == "unknown_ground"


@pytest.mark.parametrize(
    ("first", "last", "offered"),
    [
        (TODAY, TODAY, True),
        (YESTERDAY, None, True),
        (TODAY, None, True),
        (TOMORROW, None, False),
        (date(2026, 1, 1), YESTERDAY, False),
        (TOMORROW, LAST, False),
    ],
)
def test_a_ground_is_offered_from_its_first_day_to_its_last_both_counted_and_without_a_last_day_for_ever(
    first: date, last: date | None, offered: bool
) -> None:
    today_alone = {"valid_to": TODAY}
    assert said({"valid_from": first, "valid_to": last}, today_alone) == (None if offered else "ground_not_in_force")


@pytest.mark.parametrize(
    ("kinds", "kind", "reason"),
    [
        ({"social_services", "leisure"}, "leisure", None),
        ({"social_services", "leisure"}, "school", "ground_not_from"),
        (set(), "school", None),
    ],
)
def test_only_agencies_of_the_kinds_the_list_names_hand_over_and_any_where_it_names_none(kinds: set, kind: str, reason: str | None) -> None:
    assert said({"from_kinds": frozenset(kinds)}, {"from_kind": kind}) == reason


@pytest.mark.parametrize(
    ("under", "last_day", "reason"),
    [
        (21, TODAY, "past_the_age"),  # young enough to decide about, not for the whole of June
        (21, LAST, None),
        (21, YESTERDAY, "too_old"),
        (21, None, "age_unknown"),
        (None, None, None),
    ],
)
def test_a_ground_for_the_young_holds_through_the_last_day_of_that_age(
    under: int | None, last_day: date | None, reason: str | None
) -> None:
    assert said({"under_age": under}, {"last_day_of_age": last_day}) == reason


# -- the recipient ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ground", "wanted", "reason"),
    [
        pytest.param({}, {"to_agency": "skola", "to_kind": "school"}, None, id="a kind the list names"),
        pytest.param({}, {"to_agency": "skola", "to_kind": "health"}, "ground_not_to", id="a kind the list does not name"),
        pytest.param({"to_kinds": frozenset()}, {"to_agency": "bup", "to_kind": "health"}, None, id="any kind, where it names none"),
        pytest.param({}, {"to_agency": "social", "to_kind": "police"}, "to_itself", id="to itself there is nothing to hand over"),
        pytest.param({"to_kinds": frozenset()}, {"to_kind": None}, "agency_not_in_team", id="an agency of another team"),
        pytest.param({}, OUTSIDE, None, id="somebody outside who is named"),
        pytest.param({}, {**OUTSIDE, "has_recipient": False}, "recipient_needed", id="somebody outside who is not named"),
        pytest.param({"to_outside": False}, OUTSIDE, "not_to_outside", id="outside, where the ground is for agencies alone"),
        pytest.param({"to_outside": False}, {**OUTSIDE, "has_recipient": False}, "not_to_outside", id="to nobody, on such a ground"),
        pytest.param({"to_outside": False}, {}, None, id="an agency, where the ground is for agencies alone"),
    ],
)
def test_it_goes_to_an_agency_of_the_team_that_the_ground_names_or_to_a_named_person_outside(
    ground: dict, wanted: dict, reason: str | None
) -> None:
    assert said(ground, wanted) == reason


# -- what, and why --------------------------------------------------------------------------------------------------------------


def test_something_has_to_be_handed_over() -> None:
    assert said({}, {"types": ()}) == "nothing_to_disclose"


@pytest.mark.parametrize(
    ("needed", "written", "reason"), [(True, True, None), (True, False, "weighing_needed"), (False, True, None), (False, False, None)]
)
def test_the_weighing_is_written_where_the_list_asks_for_it(needed: bool, written: bool, reason: str | None) -> None:
    assert said({"weighing_needed": needed}, {"has_weighing": written}) == reason


@pytest.mark.parametrize(
    ("informed_on", "has_reason", "reason"),
    [
        (YESTERDAY, False, None),
        (TODAY, False, None),
        (TOMORROW, False, "informed_in_future"),
        (TOMORROW, True, "informed_in_future"),
        (None, False, "reason_needed"),
        (None, True, None),
    ],
)
def test_the_person_is_informed_by_today_or_it_is_said_why_not(informed_on: date | None, has_reason: bool, reason: str | None) -> None:
    assert said({}, {"informed_on": informed_on, "has_reason_not_informed": has_reason}) == reason


# -- until when -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        pytest.param(TODAY, TODAY, None, id="today alone"),
        pytest.param(YESTERDAY, TODAY, "in_the_past", id="since yesterday"),
        pytest.param(TOMORROW, LAST, None, id="from tomorrow"),
        pytest.param(TOMORROW, TODAY, "ends_before_start", id="backwards"),
        pytest.param(TODAY, LAST, None, id="thirty days, the first and the last counted"),
        pytest.param(TODAY, date(2026, 7, 1), "too_long", id="thirty-one days"),
        pytest.param(TOMORROW, date(2026, 7, 1), "ground_ends", id="thirty days, but the list offers it in June alone"),
    ],
)
def test_a_decision_begins_today_at_the_earliest_and_ends_within_its_days_and_the_lists(
    first: date, last: date, reason: str | None
) -> None:
    assert said({}, {"valid_from": first, "valid_to": last}) == reason


def test_a_ground_without_a_last_day_and_an_age_ends_no_decision_early() -> None:
    in_july = {"valid_from": TOMORROW, "valid_to": date(2026, 7, 1), "last_day_of_age": None}
    assert said({"valid_to": None, "under_age": None}, in_july) is None


@pytest.mark.parametrize(
    ("days", "last"),
    [(1, date(2026, 2, 27)), (2, date(2026, 2, 28)), (3, date(2026, 3, 1)), (14, date(2026, 3, 12)), (30, date(2026, 3, 28))],
)
def test_the_last_day_a_decision_may_hold_is_counted_with_its_first(days: int, last: date) -> None:
    assert latest_day(replace(GROUND, longest_days=days), date(2026, 2, 27)) == last


# -- who decides --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agency", "is_coordinator", "reason"),
    [("social", True, None), ("social", False, "only_coordinator"), ("school", False, None), ("school", True, None)],
)
def test_each_agency_decides_about_its_own_and_for_the_coordinators_agency_the_coordinator_alone(
    agency: str, is_coordinator: bool, reason: str | None
) -> None:
    assert why_not_decide(agency, "social", is_coordinator) == reason


@pytest.mark.parametrize(
    ("state", "second", "on", "reason"),
    [
        ("awaiting", "leif", LAST, None),
        ("awaiting", "sara", LAST, "same_person"),
        ("awaiting", "leif", date(2026, 7, 1), "ground_not_in_force"),
        ("active", "leif", LAST, "not_awaiting"),
        ("expired", "leif", LAST, "not_awaiting"),
        ("revoked", "leif", LAST, "not_awaiting"),
    ],
)
def test_the_second_who_decides_is_somebody_else_while_it_waits_and_the_ground_is_offered(
    state: str, second: str, on: date, reason: str | None
) -> None:
    assert why_not_agree(state, "sara", second, GROUND, on) == reason


def test_nobody_agrees_on_a_ground_that_has_left_the_list() -> None:
    assert why_not_agree("awaiting", "sara", "leif", None, TODAY) == "ground_not_in_force"


# -- what has been decided --------------------------------------------------------------------------------------------------------------

MOMENT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
DECIDED = DecisionFacts(two_decide=True, agreed_at=MOMENT, revoked_at=None, valid_from=TODAY, valid_to=LAST)


@pytest.mark.parametrize(
    ("facts", "on", "state"),
    [
        pytest.param({}, TODAY, "active", id="both have decided"),
        pytest.param({}, LAST, "active", id="its last day"),
        pytest.param({}, date(2026, 7, 1), "expired", id="the day after"),
        pytest.param({"agreed_at": None}, TODAY, "awaiting", id="one of two has decided"),
        pytest.param({"agreed_at": None}, date(2026, 7, 1), "expired", id="the second never came"),
        pytest.param({"two_decide": False, "agreed_at": None}, TODAY, "active", id="one decides"),
        pytest.param({"revoked_at": MOMENT}, TODAY, "revoked", id="taken back"),
        pytest.param({"revoked_at": MOMENT, "agreed_at": None}, TODAY, "revoked", id="taken back while it waited"),
        pytest.param({"revoked_at": MOMENT}, date(2026, 7, 1), "revoked", id="taken back, and its time is out"),
    ],
)
def test_a_decision_waits_for_its_second_holds_to_its_last_day_and_is_over_when_it_is_taken_back(facts: dict, on: date, state: str) -> None:
    assert disclosure_state(replace(DECIDED, **facts), on) == state


@pytest.mark.parametrize(
    ("reader", "owner", "kind", "on", "facts", "opened"),
    [
        pytest.param("police", "social", "offences", TODAY, {}, True, id="what it names, to whom it names"),
        pytest.param("police", "social", "family", TODAY, {}, True, id="the other type it names"),
        pytest.param("police", "social", "health", TODAY, {}, False, id="a type it does not name"),
        pytest.param("police", "social", "sharing", TODAY, {}, False, id="the agency's own reasons, although it names them"),
        pytest.param("social", "police", "offences", TODAY, {}, False, id="nothing comes back"),
        pytest.param("school", "social", "offences", TODAY, {}, False, id="nobody else"),
        pytest.param("police", "school", "offences", TODAY, {}, False, id="nothing that another agency holds"),
        pytest.param("police", "social", "offences", YESTERDAY, {}, False, id="the day before its first"),
        pytest.param("police", "social", "offences", LAST, {}, True, id="its last day"),
        pytest.param("police", "social", "offences", date(2026, 7, 1), {}, False, id="the day after its last"),
        pytest.param("police", "social", "offences", TODAY, {"agreed_at": None}, False, id="while it waits for the second"),
        pytest.param("police", "social", "offences", TODAY, {"revoked_at": MOMENT}, False, id="when it is taken back"),
    ],
)
def test_a_decision_opens_what_one_agency_holds_to_one_other_and_never_its_own_reasons(
    reader: str, owner: str, kind: str, on: date, facts: dict, opened: bool
) -> None:
    ground = opens("d1", replace(DECIDED, **facts), "social", "police", ("offences", "family", "sharing"), on)
    decision = may_read(reader, owner, kind, [ground], on)
    assert (decision.allowed, decision.ground_id) == ((True, "d1") if opened else (False, ""))
    assert not opened or decision.reason == "disclosure"

"""The rules of the application against a second opinion, over every combination of a small world."""

from datetime import UTC, date, datetime
from itertools import combinations, product

import pytest

from caseapp.access import Actor, Permission
from caseapp.access.rules import Question, why_refused
from caseapp.consent.disclosure_rules import DecisionFacts, opens
from caseapp.consent.rules import ConsentFacts, Ground, consent_state, may_read

from .oracle import PERIODS, ROLES_THAT_MAY, compartment_answer, consent_answer, disclosure_opens, every_set_of_facts, gate_answer

TODAY = date(2026, 6, 1)
DAYS = {
    "not begun": (date(2026, 6, 2), date(2026, 12, 31)),
    "first day": (TODAY, date(2026, 12, 31)),
    "inside": (date(2026, 1, 1), date(2026, 12, 31)),
    "last day": (date(2026, 1, 1), TODAY),
    "only day": (TODAY, TODAY),
    "over": (date(2026, 1, 1), date(2026, 5, 31)),
}
ROLES = ("coordinator", "participant", "unit_manager", "administrator", "statistician", "log_reviewer", "")
AGENCIES, TYPES = ("social", "school", "police"), ("identity", "family")
STATES = ("active", "pending", "declined", "withdrawn", "superseded", "draft", "expired")
KINDS = ("consent", "disclosure", "break_glass")
CLASS_OF = {"own_agency": "own", "no_consent": "nothing"} | dict.fromkeys(KINDS, "opened")


def class_of(reason: str) -> str:
    return CLASS_OF.get(reason) or ("outside" if reason.endswith("_not_covered") else "not in force")


def question(role: str, facts: set[str]) -> Question:
    in_installation = role in ("administrator", "statistician", "log_reviewer")
    team = "norr" if "in_team" in facts else "söder"
    return Question(
        Actor(
            "user" if "signed_in" in facts else "",
            "",
            "social",
            frozenset({role} if in_installation else ()),
            {} if in_installation or not role else {team: frozenset({role})},
        ),
        team_id="norr",
        takes_part="takes_part" in facts,
        blocked="blocked" in facts,
        protected="protected" in facts,
        named_reader="named" in facts,
        broke_glass="broke_glass" in facts,
    )


def test_the_second_opinion_knows_every_permission_about_a_case():
    about_a_case = {p.value for p in Permission if p.value.split(".")[0] in ("case", "consent", "plan", "followup")}
    assert about_a_case == set(ROLES_THAT_MAY)


def test_the_gate_answers_as_the_second_opinion_in_every_situation():
    asked = 0
    for permission, role, facts in product(ROLES_THAT_MAY, ROLES, every_set_of_facts()):
        # Nobody signs in without an account, so nobody without one holds a role; the policy is asked as it is used.
        if "signed_in" not in facts and role:
            continue
        answer = why_refused(Permission(permission), question(role, facts)) or "yes"
        assert answer == gate_answer(permission, role, facts), (permission, role, facts)
        asked += 1
    assert asked == 25 * (7 * 64 + 64)


def test_a_consent_is_in_the_state_the_second_opinion_says():
    decisions = ("awaited", "given", "declined", "waived")
    every_signing = [signing for many in range(4) for signing in product(decisions, repeat=many)]
    every_mark = [set(marks) for many in range(4) for marks in combinations(("draft", "withdrawn", "superseded"), many)]
    for signing, marks, period in product(every_signing, every_mark, PERIODS):
        facts = ConsentFacts(
            is_draft="draft" in marks,
            decisions=signing,
            valid_from=DAYS[period][0],
            valid_to=DAYS[period][1],
            withdrawn_at=datetime(2026, 5, 1, tzinfo=UTC) if "withdrawn" in marks else None,
            superseded_by="newer" if "superseded" in marks else None,
        )
        assert consent_state(facts, TODAY) == consent_answer(signing, marks, period), (signing, marks, period)


def some(members: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [chosen for many in range(len(members) + 1) for chosen in combinations(members, many)]


def told(
    name: str, kind: str, state: str, period: str, owners: tuple, readers: tuple, types: tuple, person: str = ""
) -> tuple[dict, Ground]:
    first, last = DAYS[period]
    scope = frozenset(product(readers, types))
    words = {"id": name, "kind": kind, "state": state, "period": period, "from": owners, "to": readers, "types": types, "person": person}
    return words, Ground(name, kind, state, frozenset(owners), scope, first, last, person)


def compare(grounds: list[tuple[dict, Ground]], who: str = "") -> None:
    words, rows = [one for one, _ in grounds], [row for _, row in grounds]
    kind_of = {one["id"]: one["kind"] for one in words}
    for reader, owner, kind in product(AGENCIES, AGENCIES, TYPES):
        decision = may_read(reader, owner, kind, rows, TODAY, reader_id=who)
        answer, opening = compartment_answer(reader, owner, kind, words, who)
        assert (decision.allowed, class_of(decision.reason)) == (answer in ("own", "opened"), answer), (reader, owner, kind, words)
        assert decision.ground_id in (opening or {""}), (reader, owner, kind, words)
        assert answer != "opened" or decision.reason == kind_of[decision.ground_id]


@pytest.mark.parametrize("kind", KINDS)
def test_one_ground_opens_exactly_what_the_second_opinion_says(kind):
    compare([])
    for state, period, owners, readers, types in product(STATES, PERIODS, some(AGENCIES), some(AGENCIES), some(TYPES)):
        compare([told("one", kind, state, period, owners, readers, types)])


def test_two_grounds_never_open_together_what_neither_opens_alone():
    narrow = [
        told("", kind, state, period, owners, readers, types)
        for kind, state, period in [
            ("consent", "active", "inside"),
            ("consent", "active", "over"),
            ("consent", "withdrawn", "inside"),
            ("consent", "superseded", "inside"),
            ("disclosure", "active", "last day"),
        ]
        for owners in (("social",), ("school", "police"))
        for readers in (("school",), ("social", "police"))
        for types in (("family",), ("identity",))
    ]
    for (first, _), (second, _) in product(narrow, narrow):
        compare([told(name, *list(one.values())[1:]) for name, one in (("one", first), ("two", second))])


PEOPLE = ("", "lena", "lennart")


@pytest.mark.parametrize("who", PEOPLE)
def test_a_ground_of_one_person_opens_to_nobody_else_of_the_agency_and_in_no_company(who):
    """`who` is "" where several are in the room. Lena and Lennart are of one agency: what is hers opens nothing to him."""
    for person, state, period, readers in product(PEOPLE, ("active", "withdrawn"), PERIODS, (("school",), AGENCIES)):
        hers = told("hers", "break_glass", state, period, AGENCIES, readers, TYPES, person)
        compare([hers], who)
        for other in ("active", "pending"):
            consent = told("ours", "consent", other, "inside", ("social",), ("police",), ("identity",))
            compare([consent, hers], who)
            compare([hers, consent], who)


def test_a_decision_to_disclose_opens_exactly_what_the_second_opinion_says_and_to_nobody_else():
    opened = 0
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    directions = [(giver, receiver) for giver, receiver in product(AGENCIES, AGENCIES) if giver != receiver]
    for (giver, receiver), types, asked, so_far, taken_back, period in product(
        directions, some(TYPES), (1, 2), (1, 2), (False, True), PERIODS
    ):
        decision = {"asked": asked, "so far": so_far, "taken back": taken_back, "period": period}
        decision |= {"from": giver, "to": receiver, "types": types}
        first, last = DAYS[period]
        facts = DecisionFacts(asked == 2, moment if so_far == 2 else None, moment if taken_back else None, first, last)
        ground = opens("decision", facts, giver, receiver, types, TODAY)
        for reader, owner, kind in product(AGENCIES, AGENCIES, TYPES):
            expected = reader == owner or disclosure_opens(decision, reader, owner, kind)
            assert may_read(reader, owner, kind, [ground], TODAY).allowed == expected, (decision, reader, owner, kind)
            opened += reader != owner and expected
    # 6 directions × (1 + 1 + 2 types over the sets) × 3 of the 4 ways to be signed × 4 of the 6 periods
    assert opened == 6 * 4 * 3 * 4

"""What changed in a plan between two days, by table: worked out by hand from what came, what was ended and what reads otherwise."""

import pytest

from caseapp.access import Unreadable, Withheld
from caseapp.plans.changes import Changes, Stood, compare


def stood(item_id: str, text: object = "Mentorssamtal", *, current: bool = True, kind: str = "commitment", agency: str = "school") -> Stood:
    return Stood(kind, item_id, agency, agency, "plan", current, {"text": text, "due_on": "2026-10-01"})


def told(changes: Changes) -> dict[str, list[str]]:
    return {
        "added": [one.id for one in changes.added],
        "ended": [one.item.id + ("*" if one.came_meanwhile else "") for one in changes.ended],
        "changed": [f"{one.item.id} {name}: {old} > {new}" for one in changes.changed for name, old, new in one.parts],
        "unchanged": [one.id for one in changes.unchanged],
        "not compared": [one.id for one in changes.not_compared],
    }


ENDED, A, B = stood("a", current=False), stood("a"), stood("b")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], [], {}),
        ([A], [A], {"unchanged": ["a"]}),
        ([], [A], {"added": ["a"]}),
        ([A], [A, B], {"added": ["b"], "unchanged": ["a"]}),
        ([A], [ENDED], {"ended": ["a"]}),
        ([A], [], {"ended": ["a"]}),
        ([], [ENDED], {"ended": ["a*"]}),  # came and was ended between the two days
        ([ENDED], [ENDED], {}),
        ([ENDED], [], {}),
        ([ENDED], [A], {"added": ["a"]}),  # taken up again
        ([A], [stood("a", "Samtal")], {"changed": ["a text: Mentorssamtal > Samtal"]}),
        ([A], [stood("a", "Samtal", current=False)], {"ended": ["a"]}),  # ended, whatever else changed
        ([A], [stood("a", Withheld("no_consent"))], {"not compared": ["a"]}),  # what is not read is called neither change nor the same
        ([stood("a", Unreadable())], [A], {"not compared": ["a"]}),
        ([stood("a", Unreadable())], [ENDED], {"not compared": ["a"]}),
        ([], [stood("a", Unreadable())], {"not compared": ["a"]}),
    ],
)
def test_what_came_what_was_ended_and_what_reads_otherwise(before: list[Stood], after: list[Stood], said: dict[str, list[str]]) -> None:
    assert {name: found for name, found in told(compare(before, after)).items() if found} == said


def test_each_value_that_differs_is_told_with_both_readings() -> None:
    then = Stood("goal", "g", "home", "home", "plan", True, {"text": "Närvaro", "baseline": "64 %", "target": ""})
    now = Stood("goal", "g", "home", "home", "plan", True, {"text": "Närvaro", "baseline": "70 %", "target": "80 %"})
    (changed,) = compare([then], [now]).changed
    assert changed.parts == (("baseline", "64 %", "70 %"), ("target", "", "80 %"))


@pytest.mark.parametrize("left_out", ["school:plan", "a", "*"])
def test_what_a_version_could_not_hold_is_not_said_to_be_new_or_ended(left_out: str) -> None:
    assert told(compare([], [A], [left_out]))["not compared"] == ["a"]
    assert compare([], [A], [left_out]).is_nothing
    assert compare([A], [], [left_out]).is_nothing
    assert not compare([], [A], ["school:support_ongoing", "home:plan", "b"]).is_nothing


def test_the_aim_comes_first_then_goals_commitments_and_support() -> None:
    items = [stood("i", kind="intervention"), stood("c"), stood("h", kind="head"), stood("g", kind="goal")]
    assert [one.id for one in compare([], items).added] == ["h", "g", "c", "i"]

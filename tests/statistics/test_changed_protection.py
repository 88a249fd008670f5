"""A municipality changes how strong the protection is: from the next quarter on, and every quarter keeps what it was promised."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from caseapp.disclosure import Policy
from caseapp.statistics.releases import Kept, town
from tests.disclosure.attacker import attack
from tests.statistics.random_plans import QUARTERS, released

RAISED = (Policy(5, 3), Policy(7, 4, before=((QUARTERS[0], 5, 3),)))


@pytest.mark.parametrize("share", range(4))
def test_after_raising_each_quarter_is_as_open_as_it_was_promised(share: int) -> None:
    """Attacked from the files alone, by a second program: five and three in the first quarter, seven and four in the second."""
    both = 0
    for seed in range(share, 48, 4):
        made = list(released(seed, RAISED))
        if len(made) == 2:
            _looked_at, breaches = attack([files for _, files, _ in made], 7, 4, {QUARTERS[0]: (5, 3)})
            assert breaches == [], seed
            both += 1
    assert both >= 8


def test_a_stricter_promise_for_what_was_printed_already_could_not_be_kept() -> None:
    """Why each quarter keeps its own: judged by the new numbers, quarters that were released in good order stop every later one."""
    stopped = [seed for seed in range(24) if len(list(released(seed, (Policy(5, 3), Policy(7, 4))))) < 2]
    assert stopped
    assert all(len(list(released(seed, RAISED))) == 2 for seed in stopped)


def kept(quarter: str, threshold: int, width: int, number: int = 1) -> Kept:
    return Kept(f"1283-{quarter}-r{number}", b"", {}, {"policy": asdict(Policy(threshold, width))})


@pytest.mark.parametrize(
    ("settings", "earlier", "expected"),
    [
        ({}, [], (5, 3, ())),
        ({"threshold": 7, "width": 4}, [kept("2026Q1", 5, 3)], (7, 4, (("2026Q1", 5, 3),))),
        ({"threshold": 3, "width": 2}, [kept("2026Q1", 5, 3)], (5, 3, ())),  # lowered: never less than was promised
        ({"threshold": 7, "width": 2}, [kept("2026Q1", 5, 3)], (7, 3, (("2026Q1", 5, 3),))),
        ({"threshold": 6}, [kept("2026Q1", 5, 3), kept("2026Q2", 7, 3)], (7, 3, (("2026Q1", 5, 3),))),
        ({"threshold": 7}, [kept("2026Q1", 5, 3), kept("2026Q1", 7, 3, 2)], (7, 3, (("2026Q1", 5, 3),))),  # corrected later
    ],
)
def test_a_new_quarter_promises_what_is_asked_for_and_never_less_than_before(
    settings: dict[str, int], earlier: list[Kept], expected: tuple
) -> None:
    policy = town("1283", "Provköping", settings, ["sspf"], earlier).policy
    assert (policy.threshold, policy.width, policy.before) == expected


def test_a_policy_that_promises_less_than_a_release_before_it_is_refused() -> None:
    with pytest.raises(ValueError, match="promises less"):
        Policy(3, 2, before=(("2026Q1", 5, 3),))

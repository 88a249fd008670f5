"""From prepared to approved, by two people: the whole way on both databases, and what stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from caseapp.access import Actor
from caseapp.statistics import actions
from caseapp.statistics.bundle import read_release, unpack
from caseapp.statistics.releases import digest

Acting = Callable[[str], Actor]


@pytest.fixture
def stellan(actor: Acting) -> Actor:
    """The statistician."""
    return actor("stellan")


@pytest.fixture
def ulla(actor: Acting) -> Iterator[Actor]:
    """The unit manager, freshly proved."""
    return actor("ulla")


def test_what_one_person_prepared_and_another_approved_is_fetched_byte_for_byte(stellan: Actor, ulla: Actor) -> None:
    release = actions.prepare(stellan, "2026Q3")
    waiting = actions.list_releases(ulla).waiting
    actions.approve(ulla, release, sha256=waiting.sha256)
    fetched = actions.bundle(stellan, release)
    assert fetched.label == "0000-2026Q3-r1"
    assert digest(fetched.archive) == waiting.sha256
    assert read_release(unpack(fetched.archive)).label == fetched.label

"""Many attempts in the same moment: no more of them count than one after the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from caseapp.access import Actor
from caseapp.accounts.signing_in import PasswordAccepted, sign_in_code
from caseapp.accounts.throttle import Attempt, begin_attempt
from tests.accounts.conftest import SmallOffice


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """What each of so many threads got, with the clock and the database of this test."""
    contexts = [copy_context() for _number in range(count)]
    with ThreadPoolExecutor(count) as threads:
        return [done.result() for done in [threads.submit(context.run, work) for context in contexts]]


@pytest.mark.asvs("6.3.1")
def test_of_twenty_guesses_in_the_same_moment_five_are_tried(small_office: SmallOffice) -> None:
    answers = at_once(20, lambda: begin_attempt("coordinator@ekhamra.example", "203.0.113.9"))
    assert sum(isinstance(answer, Attempt) for answer in answers) == 5


@pytest.mark.asvs("6.5.1")
def test_a_code_given_five_times_in_the_same_moment_signs_in_once(small_office: SmallOffice) -> None:
    person = small_office.people["coordinator"]
    accepted, code = PasswordAccepted(person.id, person.login), person.code()
    answers = at_once(5, lambda: sign_in_code(accepted, code, network="203.0.113.9"))
    assert sum(isinstance(answer, Actor) for answer in answers) == 1

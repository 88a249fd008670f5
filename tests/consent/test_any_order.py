"""Whatever happens to a case, in whatever order: rule, keys in the log, texts and the bytes of the page agree, on both databases.

The long run, more than 5 000 steps of either machine on SQLite alone:

    env -u CASEAPP_TEST_POSTGRESQL CASEAPP_MACHINE_RUNS=150 .venv/bin/python -m pytest -q -s tests/consent/test_any_order.py
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ground import DATABASES
from tests.installations import Workshop
from tests.municipality import Municipality, build

from .any_order import STEPS_TAKEN, AnyOrder, PagesInAnyOrder

RUNS = int(os.environ.get("CASEAPP_MACHINE_RUNS", "8"))

pytestmark = pytest.mark.timeout(4 * 3600 if RUNS > 8 else 600)


def run(machine: type[AnyOrder], runs: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    STEPS_TAKEN["steps"] = 0
    limits = {"max_examples": runs, "stateful_step_count": 50, "deadline": None}
    every = settings(**limits, phases=phases, database=None, suppress_health_check=list(HealthCheck))  # type: ignore[arg-type]
    run_state_machine_as_test(machine, settings=every)
    print(f"{STEPS_TAKEN['steps']} steps of {machine.__name__}")


@pytest.mark.parametrize("kind", DATABASES)
def test_in_whatever_order_things_happen_people_read_what_the_second_opinion_says(kind: str) -> None:
    run(type(f"AnyOrderOn{kind}", (AnyOrder,), {"kind": kind}), RUNS)


def test_in_whatever_order_things_happen_the_page_holds_what_the_second_opinion_says(
    workshop: Workshop, backend: str, municipality: Municipality
) -> None:
    template, _same = workshop.template(backend, "municipality", build)
    here = {"workshop": workshop, "template": template, "municipality": municipality}
    # what fails is told as it was found: to make it smaller would take minutes of pages
    run(type(f"PagesInAnyOrderOn{backend}", (PagesInAnyOrder,), here), max(4, RUNS // 2), (Phase.generate,))

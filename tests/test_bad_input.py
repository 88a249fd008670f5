"""Every form, every field, everybody: whatever is typed, posted or sent twice is taken once or refused with a sentence, never an error.

A sample drawn with a fixed seed runs each time. All of it, or so many: CASEAPP_BAD_INPUTS=20000 pytest tests/test_bad_input.py -s
"""

import os

import pytest

from tests.installations import Workshop
from tests.spoiling import PROMISES, Trial, World, make_world, trial

pytestmark = pytest.mark.timeout(int(os.environ.get("CASEAPP_BAD_INPUTS_TIMEOUT", "900")))
_MOST = int(os.environ.get("CASEAPP_BAD_INPUTS", "120"))
_SEED = int(os.environ.get("CASEAPP_BAD_INPUTS_SEED", "20261125"))
_made: dict[tuple[int, str], Trial] = {}


@pytest.fixture
def tried(workshop: Workshop, backend: str) -> Trial:
    """What came of the sample on this kind of database; made once for all tests."""
    key = (id(workshop), backend)
    if key not in _made:
        template, made = workshop.template(backend, "forms", make_world)
        world: World = made
        _made[key] = trial(workshop, template, world, most=_MOST, seed=_SEED)
        print(f"\n{backend}: {_made[key].sent} forms sent by {len(_made[key].forms)} people and pages: {dict(_made[key].statuses)}")
    return _made[key]


@pytest.mark.parametrize("promise", PROMISES)
def test_nothing_breaks_the_promise(tried: Trial, promise: str) -> None:
    assert not tried.broken[promise], "\n".join([promise, *tried.broken[promise]])


def test_enough_was_sent_and_most_forms_were_well_filled_first(tried: Trial) -> None:
    """Otherwise nothing was found because nothing was asked."""
    assert tried.sent >= _MOST * 0.9
    assert tried.together >= 3
    assert len(tried.never_taken) <= len(tried.forms) / 3, tried.never_taken
    assert any(300 <= status < 400 for status in tried.statuses)
    assert tried.statuses[422] > _MOST / 10

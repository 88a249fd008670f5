"""A reader with every release of the demonstration municipality on the desk, a solver and patience finds nobody."""

from caseapp.db import transaction
from caseapp.statistics import actions
from caseapp.statistics.bundle import unpack
from tests.demonstration.visitor import Ekhamra
from tests.disclosure.attacker import attack


def test_no_hidden_count_difference_or_group_of_all_releases_together_can_be_found_out(ekhamra: Ekhamra) -> None:
    """Whoever has fewer of them knows less: what cannot be found out of all cannot be found out of some."""
    with transaction(reading=True):
        archives = [row.archive for row in actions.releases() if row.state == actions.APPROVED]
    assert len(archives) == 4
    looked_at, breaches = attack([unpack(archive) for archive in archives])
    assert breaches == []
    assert looked_at > 1_000

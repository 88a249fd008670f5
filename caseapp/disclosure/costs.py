"""What hiding a number costs: one definition for the heuristic and for the optimum.

This module answers: which numbers would the agency rather keep? The policy chooses: `count`, each number as much as any other (the
default: what a reader loses is a number, and a zero tells as much as a seven); `value`, a number as much as the people in it, a zero
like one; and with either a weight per table, for the tables that are read first. A number printed in several tables has the greatest
of their weights, because it is lost in all of them. Costs are whole numbers, so that a bound on them may be rounded up.

Costs decide what is hidden among patterns that protect equally; they never decide whether something is protected.
"""

from __future__ import annotations

from collections.abc import Iterable

from caseapp.disclosure.tables import Key, Policy, Table, key


def costs(tables: Iterable[Table], policy: Policy) -> dict[Key, int]:
    """Cell → the cost of hiding it, at least 1."""
    found: dict[Key, int] = {}
    for table in tables:
        weight = policy.weights.get(table.id, 1)
        for codes, count in table.counts.items():
            where = key(table.unit, codes)
            found[where] = max(found.get(where, 0), weight * (max(1, count) if policy.cost == "value" else 1))
    return found

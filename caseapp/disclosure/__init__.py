"""Disclosure control: what may be printed so that nobody can be found in the numbers.

This room answers one question: given the true counts of a quarter and everything that was ever printed before, which cells must
be hidden? It promises that a reader who knows every printed number of every release and the declared public facts, and nothing
more, cannot bound a protected count in an interval shorter than the policy's width, however long they compute. It does not cover a
reader who knows cases of their own, other registers, or how likely the values inside an interval are.

Each population (persons, meetings, …) is a system of its own; two in one are refused.

Pure: no database, no web. Source: Fischetti and Salazar-González, "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47 (2001), for the formulation; the attacks that shaped the promise are in the tests.
"""

from caseapp.disclosure.attack import Finding, attack
from caseapp.disclosure.protect import Report, SafeTable, Unprotectable, protect
from caseapp.disclosure.tables import (
    Cell,
    Fact,
    Inconsistent,
    Policy,
    Printed,
    Release,
    Spec,
    Table,
    UnknownTable,
    World,
    cell,
)

__all__ = [
    "Cell",
    "Fact",
    "Finding",
    "Inconsistent",
    "Policy",
    "Printed",
    "Release",
    "Report",
    "SafeTable",
    "Spec",
    "Table",
    "UnknownTable",
    "Unprotectable",
    "World",
    "attack",
    "cell",
    "protect",
]

"""The bundle described so that any tool can read it: a Frictionless Data Package.

This module answers: what are the columns of each file called, and what do their codes mean? It promises that every table of the bundle is
named with its size and hash, that each column of codes lists all the codes it can hold, and that X is told to be a missing value. It
holds no number of the tables.

Source: Data Package, version 1 of the specification (specs.frictionlessdata.io: data-package, tabular-data-resource, table-schema).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from caseapp.disclosure.tables import HIDDEN, TOTAL, Printed
from caseapp.statistics.layout import UNIT, question
from caseapp.statistics.plan import PlannedTable, TablePlan


def describe(label: str, title: str, tables: Sequence[Printed], files: Mapping[str, bytes], plan: TablePlan) -> dict[str, Any]:
    """The descriptor of a bundle's tables. `files`: path → bytes, the tables among them."""
    planned = {id: table for table in plan.tables for id, _, _ in table.members()}
    return {
        "profile": "tabular-data-package",
        "name": label.lower(),
        "title": title,
        "resources": [_resource(table, planned[table.id], files[f"tables/{table.id}.csv"], plan) for table in tables],
    }


def _resource(table: Printed, planned: PlannedTable, content: bytes, plan: TablePlan) -> dict[str, Any]:
    entry = question(planned, table.id)
    return {
        "profile": "tabular-data-resource",
        "name": table.id.lower(),
        "path": f"tables/{table.id}.csv",
        "title": f"{planned.id} {planned.titles['sv']}" + (f": {entry}" if entry else ""),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [
                *(_field(table, name, plan) for name in table.dimensions),
                {"name": "unit", "type": "string", "title": "Vad som räknas", "constraints": {"enum": [table.unit]}},
                {
                    "name": "count",
                    "type": "integer",
                    "title": UNIT[planned.unit]["sv"],
                    "description": f"{HIDDEN}: uppgiften är skyddad",
                    "constraints": {"minimum": 0},
                },
            ],
            "missingValues": [HIDDEN],
            "primaryKey": list(table.dimensions),
        },
    }


def _field(table: Printed, name: str, plan: TablePlan) -> dict[str, Any]:
    """A column of codes: those that occur in the table, each with what it is called."""
    codes = dict.fromkeys(dict(here).get(name, TOTAL) for here in table.counts)
    words = "; ".join(f"{code} = {plan.label(name, code)}" for code in codes)
    return {"name": name, "type": "string", "description": words, "constraints": {"required": True, "enum": list(codes)}}

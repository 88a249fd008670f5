"""The peer, τ-ARGUS as pytauargus has it, in a process of its own: it keeps state in the process.

    python -m scripts.measuring.argus < {"tables": [[dimension, …], …], "people": [{dimension: code}, …], "method": "OPT" | "MOD",
        "share": per cent}

Prints {"hidden": [[{dimension: code}, …] for each table]}: the cells it hides besides those below the threshold, totals not named.

Its protection is a share of the cell: with 37 per cent on either side a cell of 1 to 4 lies in an interval of at most 2.96, so that ours
(at least 3 wherever the cell lies, in whole people, groups and complementary cells too) is stronger for each. It hides no zeros.
No share says the same as our promise, so whoever compares looks for the least at which nobody is found.
"""

import json
import os
import shutil
import sys
import tempfile


def main() -> None:
    """Read a question, print the answer."""
    from pytauargus import protect

    asked = json.load(sys.stdin)
    names = sorted({name for table in asked["tables"] for name in table})
    people = {name: [one[name] for one in asked["people"]] for name in names} | {"people": [1.0] * len(asked["people"])}
    place = tempfile.mkdtemp()
    os.chdir(place)  # it leaves its notes wherever it stands
    try:
        found = protect(
            people,
            asked["tables"],
            response="people",
            safety_rules=f"FREQ(5,{asked['share']})",
            suppress=_method(asked["method"], len(asked["tables"])),
            cost_var="-2",  # every cell costs as much
            workdir=place,
        )
        hidden = []
        for table, dimensions in zip(found.tables, asked["tables"], strict=True):
            rows = [row for row in table.rows if row["status"] == "M"]
            hidden.append([{d: str(row[d]) for d in dimensions if str(row[d]) != "Total"} for row in rows])
    finally:
        shutil.rmtree(place, ignore_errors=True)
    json.dump({"hidden": hidden}, sys.stdout)


def _method(name: str, tables: int) -> str:
    return f"{name}({','.join(str(at + 1) for at in range(tables))})" if tables > 1 else f"{name}(1)"


if __name__ == "__main__":
    main()

"""What a careless release would be: the same tables with every number printed, for showing that the attacker notices."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace

from caseapp.statistics.bundle import archive, unpack
from caseapp.statistics.releases import Kept


def printed_in_full(release: Kept) -> Kept:
    """The release with no X at all, its hashes brought up to date."""
    files = unpack(release.archive)
    about = json.loads(files["release.json"])
    merged = json.loads(files["spec.json"])["hierarchies"]
    for path in [path for path in files if path.startswith("tables/")]:
        rows = list(csv.DictReader(io.StringIO(files[path].decode(), newline="")))
        for row in rows:
            row["count"] = str(_true(release, row, merged))
        target = io.StringIO(newline="")
        writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        files[path] = target.getvalue().encode()
        about["sha256"][path] = hashlib.sha256(files[path]).hexdigest()
    files["release.json"] = json.dumps(about).encode()
    return replace(release, archive=archive(release.label, files))


def _true(release: Kept, row: dict[str, str], merged: dict[str, dict[str, list[str]]]) -> int:
    codes = {d: c for d, c in row.items() if d not in ("unit", "count") and c != "Total"}
    wanted = {d: set(merged[d].get(c, [c])) for d, c in codes.items()}
    return sum(
        number
        for joint, number in release.counts[row["unit"]].items()
        if all(dict(joint).get(d) in parts for d, parts in wanted.items())
    )

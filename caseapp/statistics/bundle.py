"""The files of a release: what anybody may read, and check.

This module answers: which bytes leave the house? It accepts nothing but a `SafeTable`; it promises the same bytes for the same
content, on any day and any machine of the same program version (fixed times in the archive and the workbook), and that no text in
the workbook can act as a formula. Tables, specification and the release's own description are written as tidy CSV and JSON, the
same numbers for people as a workbook, and a plain text that says how they were protected and what that does not cover.

It computes nothing: a number that is not in a `SafeTable` is in no file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from caseapp.disclosure.certificate import Certificate
from caseapp.disclosure.protect import Protected, Report, SafeTable
from caseapp.disclosure.tables import HIDDEN, TOTAL, Policy, Printed, Release, Spec, cell
from caseapp.statistics.datapackage import describe
from caseapp.statistics.derived import LEAST_BASE, LEAST_PEOPLE, Figure, figures
from caseapp.statistics.plan import TablePlan, table_plan
from caseapp.statistics.workbook import workbook

PROMISED = ("threshold", "width", "merge_below", "total_below")  # the constants a reader needs; how long was searched is none
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip archive can hold; every file gets it


@dataclass(frozen=True)
class Imprint:
    """Who and what stands behind a release. Roles, not names."""

    municipality: str  # four digits, Statistics Sweden's code
    municipality_name: str
    quarter: str
    number: int
    code_lists: str
    program: str
    prepared_by: str = "statistician"
    approved_by: str = "unit_manager"

    @property
    def label(self) -> str:
        """The name of the folder."""
        return f"{self.municipality}-{self.quarter}-r{self.number}"


def bundle(
    protected: Protected, imprint: Imprint, policy: Policy, plan: TablePlan, earlier: Mapping[str, str] = MappingProxyType({})
) -> dict[str, bytes]:
    """{path: bytes} of everything in the bundle, `release.json` last, with the hashes of the others.

    `earlier`: label → the hash of `release.json`, of each release that was taken as known; without them the certificate says little.
    """
    for table in protected.tables:
        if not isinstance(table, SafeTable):
            raise TypeError(f"table {table.id} has not been protected")
    files = {f"tables/{table.id}.csv": table_csv(table) for table in protected.tables}
    files["spec.json"] = _json(protected.spec.as_json())
    files["certificate.json"] = _compact(protected.certificate.as_json())
    files["tabeller.xlsx"] = workbook(protected.tables, imprint, policy, plan)
    files["derived.csv"] = derived_csv(figures(protected.tables, imprint.quarter, plan))
    title = f"SIG och SSPF i {imprint.municipality_name}, {imprint.quarter}"
    files["datapackage.json"] = _json(describe(imprint.label, title, protected.tables, files, plan))
    files["LÄSMIG.txt"] = _readme(imprint, policy, plan).encode()
    files["release.json"] = _json(
        {
            "release": imprint.label,
            "municipality": imprint.municipality,
            "quarter": imprint.quarter,
            "number": imprint.number,
            "versions": {"table_plan": plan.version, "code_lists": imprint.code_lists, "program": imprint.program},
            "parameters": {name: value for name, value in asdict(policy).items() if name in PROMISED},
            "hiding": _hiding(protected.report, policy),
            "tables": [{"id": t.id, "unit": t.unit, "dimensions": list(t.dimensions)} for t in protected.tables],
            "earlier": dict(earlier),
            "attack": {"narrow": protected.report.narrow, "shortest_interval": protected.report.shortest},
            "prepared_by": imprint.prepared_by,
            "approved_by": imprint.approved_by,
            "sha256": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
        }
    )
    return files


def _hiding(report: Report, policy: Policy) -> dict[str, object]:
    """What hiding a number was taken to cost, and how far each population is from the least that protects. Nothing where nobody looked."""
    populations = {name: {"gap": round(proof.gap, 4), "optimal": proof.is_optimal} for name, proof in report.proofs.items()}
    return {"cost": policy.cost, "weights": dict(policy.weights), "populations": populations}


def archive(label: str, files: Mapping[str, bytes]) -> bytes:
    """The bundle as a zip archive, the same bytes every time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{label}/{path}", EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content, compresslevel=9)
    return target.getvalue()


def unpack(packed: bytes) -> dict[str, bytes]:
    """The files of an archive that `archive` made."""
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes the files into a folder that does not exist yet."""
    folder.mkdir(parents=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def read_release(files: Mapping[str, bytes]) -> Release:
    """A bundle as a constraint for later releases; ValueError if a file is missing or not what its hash says."""
    about = json.loads(files["release.json"])
    for path, digest in about["sha256"].items():
        if hashlib.sha256(files.get(path, b"")).hexdigest() != digest:
            raise ValueError(f"{about['release']}: {path} is missing or was changed after the release")
    tables = tuple(
        read_csv(entry["id"], entry["unit"], tuple(entry["dimensions"]), files[f"tables/{entry['id']}.csv"])
        for entry in about["tables"]
    )
    return Release(about["release"], tables, Spec.from_json(json.loads(files["spec.json"])))


def plan_of(files: Mapping[str, bytes]) -> TablePlan:
    """The version of the table plan that the release was made by, and is to be read by."""
    return table_plan(json.loads(files["release.json"])["versions"]["table_plan"])


def read_certificate(files: Mapping[str, bytes]) -> Certificate | None:
    """The certificate in a bundle; None in one from before there were certificates."""
    stored = files.get("certificate.json")
    return None if stored is None else Certificate.from_json(json.loads(stored))


def table_csv(table: SafeTable) -> bytes:
    """One row per cell: the codes of its dimensions, the unit, the count or X."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*table.dimensions, "unit", "count"])
    for codes, number in table.counts.items():
        here = dict(codes)
        writer.writerow([*(here.get(d, TOTAL) for d in table.dimensions), table.unit, HIDDEN if number is None else number])
    return text.getvalue().encode()


def derived_csv(derived: Sequence[Figure]) -> bytes:
    """One row per share or median: what it is of, its base, and its value or nothing where it cannot be given."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "kind", "what", "base", "value"])
    for one in derived:
        writer.writerow([one.table, one.kind, one.words, "" if one.value is None else one.base, "" if one.value is None else one.value])
    return text.getvalue().encode()


def read_csv(table_id: str, unit: str, dimensions: Sequence[str], content: bytes) -> Printed:
    """A table as it was printed."""
    counts: dict[tuple[tuple[str, str], ...], int | None] = {}
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        counts[cell({d: row[d] for d in dimensions})] = None if row["count"] == HIDDEN else int(row["count"])
    return Printed(table_id, unit, tuple(dimensions), counts)


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _compact(content: Mapping[str, object]) -> bytes:
    """JSON with a line for each part, and for each world: a certificate is long."""
    parts = []
    for name, value in content.items():
        lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in value)  # type: ignore[attr-defined]
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
    return ("{" + ",\n".join(parts) + "}\n").encode()


def _readme(imprint: Imprint, policy: Policy, plan: TablePlan) -> str:
    tables = "\n".join(f"  {table.id:5} {table.titles['sv']}" for table in plan.tables)
    return f"""Statistik om SIG och SSPF: {imprint.municipality_name}, {imprint.quarter}

Vad det är
  Antal unga i samverkan och vad uppföljningen säger om dem, räknat ur kodade svar. Mappen tables/ har tabellerna som
  kommaseparerad text, tabeller.xlsx har samma siffror för läsning, spec.json säger hur talen hänger ihop och datapackage.json
  beskriver filerna för andra program (Frictionless Data Package).

Tabellerna (tabellplan {plan.version})
{tables}
  derived.csv har andelar och medianer. De är räknade på de utgivna talen och på inget annat: en andel ges när basen är minst
  {LEAST_BASE}, en median när minst {LEAST_PEOPLE} personer finns i tabellen och varje klass är utgiven.

Vad som räknas
  Unga räknas en gång var. Insatser, möten, åtaganden och mål är var sitt slag och läggs aldrig ihop med unga: ett möte kan
  handla om flera unga, en ung person kan ha flera insatser. Var och ett skyddas för sig, också efter hur få unga som finns bakom.
  En del tabeller delas upp på kön först när det finns tillräckligt många, för att inget enskilt svar ska synas.

Hur uppgifterna är skyddade
  Ett antal på 1–{policy.threshold - 1} skrivs aldrig ut. X betyder att uppgiften är skyddad: antalet är litet, eller så skulle ett
  litet antal gå att räkna ut ur det. Skyddet gäller alla tabeller och alla tidigare kvartal tillsammans: av det som har
  publicerats går inget litet antal att ringa in i ett intervall som är kortare än {policy.width}, och ingen hel grupp kan visas ha
  gett samma svar. Det är prövat med en uträkning i hela tal mot de färdiga tabellerna.
  Tabeller om färre än {policy.merge_below} personer har grövre indelning, om färre än {policy.total_below} bara totalen.
  Unga med skyddade personuppgifter ingår bara i totaler. Alla totaler är sanna totaler eller X.

Vad skyddet inte täcker
  Den som själv känner till enskilda ärenden, andra register, vad som är troligt inom ett intervall, och samband mellan olika
  svar om samma person (den som aldrig kartlades saknar till exempel alla svar från kartläggningen).

Hur man kontrollerar
  release.json har en SHA-256-summa för varje fil, versioner och gränsvärden. spec.json har de samband mellan talen
  (hierarchies, structural_zeros, facts) som en granskare behöver, och de korstabeller (audit) som aldrig trycks men skyddas.
  certificate.json har ett antal tänkbara fördelningar av alla personer, som alla stämmer med varje publicerat tal. Att de skiljer
  sig åt i en ruta är beviset för att rutan inte går att räkna ut. Det kontrolleras med addition, utan hemliga uppgifter: ge alla
  kommunens mappar till programmet verify-release, som följer med källkoden och inte använder något av den.
"""

"""Bundles that are damaged, or none at all: `scripts/verify-release` refuses them with the reason and exit code 2."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from tests.statistics.verifying import change, verify


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_what_is_no_bundle_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        code, said = verify(place)
        assert code == 2
        assert said.startswith(f"Refused: {place} is damaged, ")
    (tmp_path / "x.zip").write_bytes(content)
    assert verify(tmp_path / "x.zip")[0] == 2
    assert verify()[0] == 2


@pytest.mark.parametrize("name", ["release.json", "spec.json", "certificate.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"null", b"[" * 100_000])
def test_json_that_is_none_is_refused_with_the_reason(folders: list[Path], name: str, content: bytes) -> None:
    if name == "release.json":
        (folders[-1] / name).write_bytes(content)
    else:
        change(folders[-1], name, lambda _before: content)
    code, said = verify(*folders)
    assert code == 2, said
    assert said.startswith("Refused: ")
    assert folders[-1].name in said
    assert len(said.splitlines()) == 1


def test_a_table_without_its_columns_is_refused_with_the_reason(folders: list[Path]) -> None:
    many = b"quarter,flow,sex,age,unit,count\n2026Q1,stock,f,a12_14,persons,many\n"
    for content in (b"", b"quarter,flow\n2026Q1,opened\n", b"\x00", many):
        change(folders[-1], "tables/A2.csv", lambda _before, content=content: content)
        code, said = verify(*folders)
        assert code == 2
        assert said.startswith(f"Refused: {folders[-1].name} is damaged, ")


def _files_in(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize("seed", range(12))
def test_an_archive_damaged_anywhere_is_never_called_safe(zips: list[Path], seed: int) -> None:
    """A piece of the newest archive is cut away or written over, at a place drawn by lot; unless every file in it is what it was."""
    lot, content, before = random.Random(seed), bytearray(zips[-1].read_bytes()), _files_in(zips[-1])
    start = lot.randrange(len(content) - 64)
    if seed % 2:
        del content[start : start + lot.randrange(1, 64)]
    else:
        content[start : start + 8] = bytes(byte ^ 0xFF for byte in content[start : start + 8])
    zips[-1].write_bytes(content)
    code, said = verify(*zips)
    assert code in (1, 2) or _files_in(zips[-1]) == before, said  # the hour of a file in the archive's list tells nothing
    assert len(said.splitlines()[-1]) < 400

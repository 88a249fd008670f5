"""What a back-up says of itself: one manifest in each of its two parts, so that the parts can be kept apart and still be proved.

    {part: data | keystore, backup: id of the pair, kind: sqlite | postgresql, schema, installation, at: ISO moment, program, revision,
     cases: number, sequence and last_mac: of the log's last entry, ledger_lines and ledger_mac: of the erasure ledger,
     files: {name: SHA-256}, mac}

The MAC is over everything else, under a key derived from the audit purpose key: only this installation's key store makes one.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hmac import compare_digest
from pathlib import Path

from caseapp.crypto import derive, keyed_digest
from caseapp.keyholder import Keyholder

NAME = "manifest.json"
DATA, KEYSTORE = "data", "keystore"
_CHUNK = 1 << 20  # bytes


class BadBackup(Exception):
    """A back-up that cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Manifest:
    """The manifest of one part. `files`: name → SHA-256 in hexadecimal."""

    part: str
    backup: str
    kind: str
    schema: str
    installation: str
    at: str
    program: str
    revision: str
    cases: int
    sequence: int
    last_mac: str
    ledger_lines: int
    ledger_mac: str
    files: Mapping[str, str]
    mac: str = ""


def write_manifest(directory: Path, manifest: Manifest, keyholder: Keyholder) -> None:
    """Write the manifest with its MAC into the part's directory."""
    sealed = replace(manifest, mac=_mac(manifest, keyholder))
    write_private(directory / NAME, json.dumps(asdict(sealed), indent=1, sort_keys=True).encode() + b"\n")


def read_manifest(directory: Path, part: str) -> Manifest:
    """The manifest of this part, its files' hashes checked; its MAC is not (that takes the key store). Raises BadBackup."""
    try:
        told = json.loads((directory / NAME).read_bytes())
        found = Manifest(**told)
        kinds = {"cases": int, "sequence": int, "ledger_lines": int, "files": dict}
        if any(not isinstance(value, kinds.get(name, str)) for name, value in asdict(found).items()):
            raise ValueError
    except OSError as error:
        raise BadBackup(f"There is no back-up in {directory}: {NAME} cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError):
        raise BadBackup(f"{directory / NAME} is not a manifest.") from None
    if found.part != part:
        raise BadBackup(f"{directory} holds the part {found.part!r} of a back-up, not {part!r}.")
    for name, digest in found.files.items():
        path = directory / name
        if Path(name).name != name or not path.is_file():
            raise BadBackup(f"The file {name} of the back-up in {directory} is missing.")
        if sha256(path) != digest:
            raise BadBackup(f"The file {name} in {directory} is not the one that was backed up.")
    return found


def check_manifest(manifest: Manifest, keyholder: Keyholder) -> None:
    """Raise BadBackup unless this key store's installation wrote the manifest."""
    if manifest.installation != keyholder.installation_id:
        raise BadBackup(f"The {manifest.part} and the key store are of different installations.")
    if not compare_digest(manifest.mac, _mac(manifest, keyholder)):
        raise BadBackup(f"The manifest of the {manifest.part} was changed after the back-up was made.")


def _mac(manifest: Manifest, keyholder: Keyholder) -> str:
    told = json.dumps(asdict(replace(manifest, mac="")), sort_keys=True).encode()
    return keyed_digest(derive(keyholder.purpose_key("audit"), "backup"), told).hex()


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """A new file of mode 0600, on disk before the return."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

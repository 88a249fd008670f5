"""The erasure ledger: which cases were erased, kept outside both databases so that no restored back-up brings them back.

`erasures.log` in CASEAPP_HOME (mode 0600): one JSON object a line, written at the end and never changed. Each line carries a MAC
over itself and the line before, under a key derived from the audit purpose key, so a line that is edited, added or taken out from
between is noticed. Lines taken from the end are not noticed by the file itself: the manifest of a back-up says how many there were,
and the key store knows every key it destroyed. A line that a crash left half written counts as not written.

Nothing here says anything about a young person: case ids, times, ground codes and ids of staff.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from caseapp.crypto import derive, keyed_digest, place
from caseapp.keyholder import Keyholder

NAME = "erasures.log"
_FIRST = b"\0" * 32


class DamagedLedger(Exception):
    """The ledger is not what was written; the message is one sentence that names the line."""


@dataclass(frozen=True)
class Erasure:
    """One line: the case, when (UTC), on which ground (a code), and the ids of those who approved it."""

    case_id: str
    at: datetime
    ground: str
    approved_by: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """Every line in order; `macs[n]` (32 bytes) is the MAC of line n, counted from 0."""

    erasures: tuple[Erasure, ...]
    macs: tuple[bytes, ...]

    @property
    def case_ids(self) -> frozenset[str]:
        """The cases that were erased."""
        return frozenset(erasure.case_id for erasure in self.erasures)

    @property
    def end(self) -> tuple[int, str]:
        """How many lines there are, and the MAC of the last in hexadecimal ("" without any)."""
        return len(self.macs), self.macs[-1].hex() if self.macs else ""

    def begins_with(self, lines: int, mac: str) -> bool:
        """Whether its first `lines` lines end in this MAC (hexadecimal): the same ledger, then or later."""
        return lines == 0 or (len(self.macs) >= lines and self.macs[lines - 1].hex() == mac)


def read_ledger(path: Path, keyholder: Keyholder) -> Ledger:
    """The ledger in this file; an empty one where there is no file. Raises DamagedLedger."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Ledger((), ())
    except OSError as error:
        raise DamagedLedger(f"The erasure ledger {path} cannot be read: {error.strerror}.") from None
    return _parsed(content[: content.rfind(b"\n") + 1], path, _key(keyholder))


def note_erasure(path: Path, keyholder: Keyholder, erasure: Erasure) -> bool:
    """Write this erasure at the end, on disk before the return. False if the case stands there already; nothing is written then."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        content = file.read()
        whole = content.rfind(b"\n") + 1
        key = _key(keyholder)
        known = _parsed(content[:whole], path, key)
        if erasure.case_id in known.case_ids:
            return False
        file.truncate(whole)  # half a line that a crash left
        file.write(_line(erasure, key, known.macs[-1] if known.macs else _FIRST))
        file.flush()
        os.fsync(file.fileno())
    _keep_name(path.parent)
    return True


def _key(keyholder: Keyholder) -> bytes:
    return derive(keyholder.purpose_key("audit"), "erasures", keyholder.installation_id)


def _mac(erasure: Erasure, key: bytes, previous: bytes) -> bytes:
    return keyed_digest(key, previous + place(erasure.case_id, erasure.at.isoformat(), erasure.ground, *erasure.approved_by))


def _line(erasure: Erasure, key: bytes, previous: bytes) -> bytes:
    told = {
        "case": erasure.case_id,
        "at": erasure.at.isoformat(),
        "ground": erasure.ground,
        "approved_by": list(erasure.approved_by),
        "mac": _mac(erasure, key, previous).hex(),
    }
    return json.dumps(told).encode() + b"\n"


def _parsed(content: bytes, path: Path, key: bytes) -> Ledger:
    erasures: list[Erasure] = []
    macs: list[bytes] = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            told = json.loads(line)
            approved_by: Sequence[str] = told["approved_by"]
            erasure = Erasure(told["case"], datetime.fromisoformat(told["at"]), told["ground"], tuple(approved_by))
            mac = _mac(erasure, key, macs[-1] if macs else _FIRST)
            if told["mac"] != mac.hex():
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DamagedLedger(f"Line {number} of the erasure ledger {path} is not what was written.") from None
        erasures.append(erasure)
        macs.append(mac)
    return Ledger(tuple(erasures), tuple(macs))


def _keep_name(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # a name that is not on disk is lost with the power, and the line with it
    finally:
        os.close(descriptor)

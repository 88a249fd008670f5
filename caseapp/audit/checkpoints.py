"""Signed statements about the log, kept outside its database: so that an end that was cut off, or an older copy put back, is found.

A checkpoint says: at this moment the log had so many entries, and the last one's MAC was this. It is signed with Ed25519 under a key
derived from the log's own, and kept twice: in the key store, and as a line of `checkpoints.log` beside both databases. It is written
after security-relevant entries, and otherwise once in so many entries or seconds. Writing one never holds up an answer: where its
place is busy or full it is tried again with the next entry, and the failure is told on standard error.

Not found: entries cut off after the last checkpoint; and everything, by somebody who can rewrite the log, the key store and the file
and removes the checkpoints from both. Whoever keeps the newest checkpoint somewhere else (`audit checkpoint`) finds that, too.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy.exc import DBAPIError

from caseapp.crypto import derive, is_signed, place, public_key, sign
from caseapp.keyholder import Keyholder

FILE = "checkpoints.log"


@dataclass(frozen=True)
class Checkpoint:
    """The log had `sequence` entries at `at` (UTC, ISO), and the last one's MAC was `mac`; `signature` and MAC in hexadecimal."""

    installation: str
    sequence: int
    mac: str
    at: str
    signature: str

    def written(self) -> str:
        """As it is kept: one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)


def read_checkpoint(written: str) -> Checkpoint | None:
    """The checkpoint in this line, or None where it is none."""
    try:
        told = json.loads(written)
        return Checkpoint(str(told["installation"]), int(told["sequence"]), str(told["mac"]), str(told["at"]), str(told["signature"]))
    except (ValueError, KeyError, TypeError):
        return None


def _message(installation: str, sequence: int, mac: str, at: str) -> bytes:
    return place("checkpoint", installation, str(sequence), mac, at)


def _seed(keyholder: Keyholder) -> bytes:
    return derive(keyholder.purpose_key("audit"), "checkpoints")


def checkpoint_key(keyholder: Keyholder) -> bytes:
    """The public key (32 bytes) that checks this installation's checkpoints."""
    return public_key(_seed(keyholder))


def make_checkpoint(keyholder: Keyholder, sequence: int, mac: bytes, at: datetime) -> Checkpoint:
    """The signed statement that the log ends with this entry now."""
    told = (keyholder.installation_id, sequence, mac.hex(), at.isoformat())
    return Checkpoint(*told, sign(_seed(keyholder), _message(*told)).hex())


def is_genuine(keyholder: Keyholder, found: Checkpoint) -> bool:
    """Whether this installation made the checkpoint."""
    message = _message(found.installation, found.sequence, found.mac, found.at)
    try:
        signature = bytes.fromhex(found.signature)
    except ValueError:
        return False
    return found.installation == keyholder.installation_id and is_signed(checkpoint_key(keyholder), message, signature)


# -- where they are kept ----------------------------------------------------------------------------------------------


def keep(keyholder: Keyholder, home: Path | None, made: Checkpoint) -> None:
    """Write the checkpoint to its file and to the key store. Raises OSError or DBAPIError where that cannot be done now."""
    if home is not None:
        descriptor = os.open(home / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, made.written().encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    keyholder.keep_checkpoint(made.sequence, made.written())


@dataclass(frozen=True)
class Kept:
    """A checkpoint as it was found: where, which line, and what it says (None: nothing that can be read)."""

    where: str
    line: int
    checkpoint: Checkpoint | None


def kept_checkpoints(keyholder: Keyholder, home: Path | None) -> list[Kept]:
    """Everything that is kept in the key store and in the file, in that order."""
    found = _read("key store", keyholder.kept_checkpoints())
    if home is not None and (home / FILE).exists():
        found += _read(FILE, (home / FILE).read_text("utf-8", errors="replace").splitlines())
    return found


def _read(where: str, lines: Iterable[str]) -> list[Kept]:
    return [Kept(where, number, read_checkpoint(line)) for number, line in enumerate(lines, 1)]


# -- what they say of the log -----------------------------------------------------------------------------------------


def judge(keyholder: Keyholder, found: Iterable[Kept], macs: Mapping[int, bytes], last: int) -> list[tuple[int, str]]:
    """(sequence, what is wrong) by these checkpoints. `macs`: the MAC of each entry they speak of; `last`: the log's last number."""
    wrong: list[tuple[int, str]] = []
    beyond: Checkpoint | None = None
    for kept in found:
        one = kept.checkpoint
        if one is None or not is_genuine(keyholder, one):
            wrong.append((0, f"{kept.where}, line {kept.line}: the checkpoint was edited, or is another installation's"))
        elif one.sequence > last:
            beyond = one if beyond is None or one.sequence > beyond.sequence else beyond
        elif one.sequence in macs and macs[one.sequence].hex() != one.mac:
            wrong.append((one.sequence, f"the entry is not the one the checkpoint of {one.at} vouches for: the log was replaced"))
    if beyond is not None:
        ends = f"the log ends with entry {last}, but had {beyond.sequence} entries at {beyond.at}"
        wrong.append((last + 1, f"{ends}: its end was cut off, or an older copy was put back"))
    return list(dict.fromkeys(wrong))


# -- when one is made -------------------------------------------------------------------------------------------------


class Keeper:
    """Decides, in one process, when the next checkpoint is due, and makes it."""

    def __init__(self, keyholder: Keyholder, home: Path | None, *, entries: int = 100, seconds: int = 60) -> None:
        self._keyholder, self._home = keyholder, home
        self._entries, self._within = entries, timedelta(seconds=seconds)
        self._last: tuple[int, datetime] | None = None
        self._is_at_work = Lock()

    def note(self, sequence: int, mac: bytes, at: datetime, *, at_once: bool = False) -> None:
        """The log ends with this entry now, and it is committed. Makes a checkpoint if one is due; never raises."""
        if not at_once and self._last is not None and sequence < self._last[0] + self._entries and at < self._last[1] + self._within:
            return
        if not self._is_at_work.acquire(blocking=False):  # another thread makes one this moment
            return
        try:
            keep(self._keyholder, self._home, make_checkpoint(self._keyholder, sequence, mac, at))
            self._last = (sequence, at)
        except (OSError, DBAPIError) as error:
            print(f"caseapp: the log's checkpoint could not be kept and is tried again: {type(error).__name__}", file=sys.stderr)
        finally:
            self._is_at_work.release()

    def kept(self) -> list[Kept]:
        """Every checkpoint of this installation, as it was found."""
        return kept_checkpoints(self._keyholder, self._home)


_keepers: WeakKeyDictionary[Keyholder, Keeper] = WeakKeyDictionary()


def keep_checkpoints(keyholder: Keyholder, home: Path | None, *, entries: int, seconds: int) -> None:
    """From now on this installation's log is vouched for, with a file in `home`."""
    _keepers[keyholder] = Keeper(keyholder, home, entries=entries, seconds=seconds)


def keeper_of(keyholder: Keyholder) -> Keeper | None:
    """Who keeps the checkpoints of this installation; None where nobody was asked to."""
    return _keepers.get(keyholder)

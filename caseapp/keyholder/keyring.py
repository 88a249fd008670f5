"""A master key held in memory: its versions as bytes, and how they are written in a file only its owner may read.

The file is JSON: {"current": 2, "keys": {"1": "<base64>", "2": "<base64>"}}. Older versions stay readable until nothing is
wrapped by them. A key is never made here on the quiet: `create_keyring` is called by `init` alone, and refuses to overwrite.
"""

import base64
import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from caseapp.crypto import Sealer, new_key

from .master import KeyringError, NoShares, UnknownVersion

_LARGEST = 65536  # bytes; a keyring of a hundred versions is a tenth of this


@dataclass(frozen=True, repr=False)
class Keyring:
    """The versions of the master key: `keys[version]` is 32 bytes, `current` wraps what is new. Never shown in a repr."""

    current: int
    keys: Mapping[int, bytes]


class HeldKeyring:
    """A keyring that wraps and unwraps, and cannot change. The providers that hold their keys in memory build on it."""

    provider = "memory"

    def __init__(self, ring: Keyring | None = None) -> None:
        self._ring, self._sealers = ring, {} if ring is None else {version: Sealer(key) for version, key in ring.keys.items()}

    def _hold(self, ring: Keyring) -> None:
        self._ring, self._sealers = ring, {version: Sealer(key) for version, key in ring.keys.items()}

    @property
    def ring(self) -> Keyring:
        """The keyring. Raises KeyringError before it was opened."""
        if self._ring is None:
            raise KeyringError("The master key was not opened.")
        return self._ring

    def exists(self) -> bool:
        """A keyring in memory is no part of an installation."""
        return False

    def create(self) -> None:
        """Nothing: the keys are given."""

    def open(self) -> None:
        """Nothing: the keys are at hand."""

    @property
    def current(self) -> int:
        """The version that wraps what is new."""
        return self.ring.current

    @property
    def versions(self) -> Sequence[int]:
        """Every version, oldest first."""
        return sorted(self.ring.keys)

    def wrap(self, key: bytes, at: bytes, version: int) -> bytes:
        """The key sealed for this place."""
        return self._sealer(version).seal(key, at)

    def unwrap(self, wrapped: bytes, at: bytes, version: int) -> bytes:
        """The key that was wrapped for this place."""
        return self._sealer(version).open(wrapped, at)

    def _sealer(self, version: int) -> Sealer:
        found = self._sealers.get(version)
        if found is None:
            raise UnknownVersion(f"The key file lacks version {version} of the master key, which the key store needs. Nothing was changed.")
        return found

    def add_version(self) -> int:
        """Refused: these keys are kept elsewhere."""
        raise KeyringError("This master key is kept where the program cannot change it. Nothing was changed.")

    def remove_version(self, version: int) -> None:
        """Refused: these keys are kept elsewhere."""
        raise KeyringError(f"This master key is kept where the program cannot remove version {version}. Nothing was changed.")

    def key_to_share(self) -> bytes:
        """Refused: these keys are kept elsewhere."""
        raise NoShares("This master key is kept by whoever started the program, so there is nothing to write down here.")


def read_private(path: Path, what: str) -> bytes:
    """The bytes of a file (at most 64 KiB) that only its owner may read. Raises KeyringError, which calls it `what`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe in its place must not keep the start waiting
    except FileNotFoundError:
        raise KeyringError(f"The {what} {path} is missing. Restore it from its back-up; nothing was changed.") from None
    except OSError as error:
        raise KeyringError(f"The {what} {path} cannot be read: {error.strerror}. Nothing was changed.") from None
    try:
        status = os.fstat(descriptor)
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise KeyringError(f"The {what} {path} is not a file. Restore it from its back-up; nothing was changed.")
        if mode & 0o177:
            raise KeyringError(f"The {what} {path} has mode {mode:04o}; it must be 0600 (chmod 600). Nothing was changed.")
        return os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)


def read_keyring(path: Path) -> Keyring:
    """The keyring in this file. Raises KeyringError if it is missing, open to others, or not a keyring."""
    content = read_private(path, "key file")
    try:
        written = json.loads(content)
        keys = {int(version): base64.b64decode(key, validate=True) for version, key in written["keys"].items()}
        current = int(written["current"])
        if current not in keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise KeyringError(f"The key file {path} is not a keyring. Restore it from its back-up; nothing was changed.") from None
    return Keyring(current, keys)


def create_keyring(path: Path) -> Keyring:
    """A new keyring of one version, written to a new file of mode 0600. Raises KeyringError if the file exists."""
    ring = Keyring(1, {1: new_key()})
    write_new(path, ring)
    return ring


def write_new(path: Path, ring: Keyring) -> None:
    """Write this keyring to a new file of mode 0600. Raises KeyringError if the file exists."""
    try:
        _write(path, ring)
    except FileExistsError:
        raise KeyringError(f"The key file {path} exists already and is never overwritten.") from None
    _keep_names(path.parent)


def write_over(path: Path, ring: Keyring) -> None:
    """Put this keyring in the place of the one in the file: whoever reads, at whatever moment and after any crash, finds one of the two."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.unlink(missing_ok=True)  # left by a crash before it took its place; nothing was wrapped by what it holds
        _write(beside, ring)
        os.replace(beside, path)
    except OSError as error:
        raise KeyringError(f"The key file {path} cannot be written: {error.strerror}. Nothing was changed.") from None
    _keep_names(path.parent)


def _write(path: Path, ring: Keyring) -> None:
    keys = {str(version): base64.b64encode(key).decode() for version, key in ring.keys.items()}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps({"current": ring.current, "keys": keys}))
        file.flush()
        os.fsync(file.fileno())


def _keep_names(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # a name that is not on disk is lost with the power, and the key with it
    finally:
        os.close(descriptor)

"""Where the master key comes from: a file only its owner may read.

The file is JSON: {"current": 2, "keys": {"1": "<base64>", "2": "<base64>"}}. Older versions stay readable until nothing is
wrapped by them. A key is never made here on the quiet: `create_keyring` is called by `init` alone, and refuses to overwrite.
"""

import base64
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from caseapp.crypto import new_key

_LARGEST = 65536  # bytes; a keyring of a hundred versions is a tenth of this


class KeyringError(Exception):
    """The master key cannot be used; the message is one sentence for whoever runs the installation."""


@dataclass(frozen=True, repr=False)
class Keyring:
    """The versions of the master key: `keys[version]` is 32 bytes, `current` wraps what is new. Never shown in a repr."""

    current: int
    keys: Mapping[int, bytes]


def read_keyring(path: Path) -> Keyring:
    """The keyring in this file. Raises KeyringError if it is missing, open to others, or not a keyring."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe in its place must not keep the start waiting
    except FileNotFoundError:
        raise KeyringError(f"The key file {path} is missing. Restore it from its back-up; nothing was changed.") from None
    except OSError as error:
        raise KeyringError(f"The key file {path} cannot be read: {error.strerror}. Nothing was changed.") from None
    try:
        status = os.fstat(descriptor)
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise KeyringError(f"The key file {path} is not a file. Restore it from its back-up; nothing was changed.")
        if mode & 0o177:
            raise KeyringError(f"The key file {path} has mode {mode:04o}; it must be 0600 (chmod 600). Nothing was changed.")
        content = os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)
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
    content = json.dumps({"current": 1, "keys": {"1": base64.b64encode(ring.keys[1]).decode()}})
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyringError(f"The key file {path} exists already and is never overwritten.") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return ring

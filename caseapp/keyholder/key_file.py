"""The provider `file`: the master key in a file of mode 0600, which is the default.

The file is read at every start and whenever a version is met that was not there when it was read last, so that a server which is
running while the master key is rotated goes on without a new start.
"""

from pathlib import Path

from caseapp.crypto import new_key
from config import Config

from .keyring import HeldKeyring, Keyring, create_keyring, read_keyring, write_over
from .master import KeyringError


class KeyFile(HeldKeyring):
    """The master key in this file."""

    provider = "file"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def exists(self) -> bool:
        """Whether there is anything at this path."""
        return self._path.exists()

    def create(self) -> None:
        """A new file with one version."""
        self._hold(create_keyring(self._path))

    def open(self) -> None:
        """Read the file."""
        self._hold(read_keyring(self._path))

    def add_version(self) -> int:
        """A new version in the file, on disk before this returns."""
        ring = read_keyring(self._path)
        version = max(ring.keys) + 1
        self._replace(Keyring(version, {**ring.keys, version: new_key()}))
        return version

    def remove_version(self, version: int) -> None:
        """The file without this version."""
        ring = read_keyring(self._path)
        if version == ring.current:
            raise KeyringError(f"Version {version} of the master key is in use and is not removed. Nothing was changed.")
        self._replace(Keyring(ring.current, {number: key for number, key in ring.keys.items() if number != version}))

    def key_to_share(self) -> bytes:
        """The current version."""
        return self.ring.keys[self.current]

    def _replace(self, ring: Keyring) -> None:
        write_over(self._path, ring)
        self._hold(ring)


def of_config(config: Config) -> KeyFile:
    """The key file that the settings name."""
    return KeyFile(config.keyring)

"""What a master key must be able to do, wherever it is kept, and how the one that was chosen is found.

The master key is never asked for: a provider wraps and unwraps other keys, so that it can lie in a token it never leaves. Ours are
`file`, `environment` and `pkcs11`; a package of somebody else's adds one through the entry-point group `caseapp.master_key`, whose
value is called with the configuration and gives a `MasterKey`. Ours are found without any package being installed, and cannot be
replaced by another of the same name.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from caseapp.crypto import Damaged
from config import Config

GROUP = "caseapp.master_key"
_OURS = {"file": "key_file:of_config", "environment": "environment:of_config", "pkcs11": "token:of_config"}

__all__ = ["Damaged", "KeyringError", "MasterKey", "NoShares", "UnknownVersion", "master_key_of"]


class KeyringError(Exception):
    """The master key cannot be used; the message is one sentence for whoever runs the installation."""


class UnknownVersion(KeyringError):
    """The provider does not hold this version of the master key."""


class NoShares(KeyringError):
    """This provider's master key cannot be taken out, and so not be divided either; the message says why."""


class MasterKey(Protocol):
    """One installation's master key. Every method may raise KeyringError with one sentence; nothing was changed then."""

    #: The name it is chosen by.
    provider: str

    def exists(self) -> bool:
        """Whether anything of a master key is here already, usable or not."""

    def create(self) -> None:
        """Make version 1 and open it. Raises KeyringError where `exists()`."""

    def open(self) -> None:
        """Learn (again) which versions there are; called at the start, and when a version is met that was not known."""

    @property
    def current(self) -> int:
        """The version that wraps what is new."""

    @property
    def versions(self) -> Sequence[int]:
        """Every version that unwraps."""

    def wrap(self, key: bytes, at: bytes, version: int) -> bytes:
        """The 32-byte key sealed for this place. Raises UnknownVersion."""

    def unwrap(self, wrapped: bytes, at: bytes, version: int) -> bytes:
        """The key that was wrapped for this place by this version. Raises UnknownVersion, or Damaged for everything that does not fit."""

    def add_version(self) -> int:
        """Make a version, kept for good before this returns, and current from now on; its number."""

    def remove_version(self, version: int) -> None:
        """Destroy a version that is not current. The caller has made sure that nothing is wrapped by it."""

    def key_to_share(self) -> bytes:
        """The current version's 32 bytes, for being written down in shares. Raises NoShares where it cannot be taken out."""


def master_key_of(config: Config) -> MasterKey:
    """The provider that the settings choose, not opened yet. Raises KeyringError if there is none of that name."""
    if config.key_provider in _OURS:
        module, _, function = _OURS[config.key_provider].partition(":")
        found: Callable[[Config], MasterKey] = getattr(import_module(f"{__package__}.{module}"), function)
        return found(config)
    offered = {point.name: point for point in entry_points(group=GROUP)}
    if config.key_provider not in offered:
        names = ", ".join(sorted({*_OURS, *offered}))
        raise KeyringError(f"There is no provider of master keys called {config.key_provider!r} (there are: {names}). Nothing was changed.")
    made: MasterKey = offered[config.key_provider].load()(config)
    return made

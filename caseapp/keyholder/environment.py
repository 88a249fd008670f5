"""The provider `environment`: the master key in a setting, for development and for trying things out.

What stands in the environment is inherited by every child process and easily ends in a log, so this is refused until a second
setting says that it is meant.
"""

import base64

from config import Config

from .keyring import HeldKeyring, Keyring
from .master import KeyringError


class EnvironmentKey(HeldKeyring):
    """The master key as base64 in CASEAPP_MASTER_KEY."""

    provider = "environment"

    def __init__(self, written: str, *, is_allowed: bool) -> None:
        super().__init__()
        self._written, self._is_allowed = written, is_allowed

    def open(self) -> None:
        """Read the setting. Raises KeyringError where it is not allowed, missing, or no key of 32 bytes."""
        if not self._is_allowed:
            raise KeyringError(
                "A master key in the environment is for development only: set CASEAPP_ALLOW_ENVIRONMENT_KEY=yes if this is. "
                "Nothing was changed."
            )
        try:
            key = base64.b64decode(self._written, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise KeyringError("CASEAPP_MASTER_KEY must be 32 bytes in base64. Nothing was changed.")
        self._hold(Keyring(1, {1: key}))

    def create(self) -> None:
        """The key is given: it only has to be usable."""
        self.open()


def of_config(config: Config) -> EnvironmentKey:
    """The key in the settings. Raises KeyringError at once where it cannot be used: nothing of an installation is made then."""
    key = EnvironmentKey(config.environment_key, is_allowed=config.environment_key_allowed)
    key.open()
    return key

"""The provider `pkcs11`: the master key lies in a token (a hardware module, or SoftHSM) and never leaves it.

Each version is an AES-256 secret key on the token with the label of the settings and its number as id, made there, sensitive and not
extractable. Other keys are sealed by the token itself with CKM_AES_GCM, the place as associated data:

    nonce (12 bytes, from the operating system) | ciphertext and 16-byte tag

The token must accept a nonce from the caller. The PIN is read from a file of mode 0600. Source: OASIS PKCS #11 3.1, section 6.13.3.
Needs the package python-pkcs11 (the extra `pkcs11`).
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from caseapp.crypto import Damaged
from config import Config

from .keyring import read_private
from .master import KeyringError, NoShares, UnknownVersion

_NONCE, _TAG_BITS = 12, 128
# What does not fit its key or its place has several names among makers; SoftHSM says CKR_GENERAL_ERROR.
_DOES_NOT_FIT = ("EncryptedData", "Signature", "FunctionFailed", "ArgumentsBad")
# A token knows one sign-in for the whole process, and its sessions are not made for two threads at once.
_one_at_a_time = threading.RLock()
_sessions: dict[tuple[str, str], Any] = {}


class TokenKey:
    """The master key with this label on this token. `module` is the path of the maker's PKCS#11 library."""

    provider = "pkcs11"

    def __init__(self, module: str, token: str, pin_file: Path | None, label: str) -> None:
        self._module, self._token, self._pin_file, self._label = module, token, pin_file, label
        self._keys: dict[int, Any] = {}

    # -- life ---------------------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether a key with the label lies on the token."""
        return bool(self._found())

    def create(self) -> None:
        """Version 1, made on the token."""
        if self._found():
            raise KeyringError(f"The token {self._token} has a key {self._label} already, and it is never overwritten.")
        self._make(1)
        self.open()

    def open(self) -> None:
        """Find the versions on the token."""
        found = self._found()
        if not found:
            raise KeyringError(f"The token {self._token} has no key {self._label}. Restore it from its back-up; nothing was changed.")
        self._keys = found

    @property
    def current(self) -> int:
        """The newest version."""
        return max(self._keys)

    @property
    def versions(self) -> Sequence[int]:
        """Every version, oldest first."""
        return sorted(self._keys)

    def add_version(self) -> int:
        """A new version, made on the token."""
        version = max(self._found(), default=0) + 1
        self._make(version)
        self.open()
        return version

    def remove_version(self, version: int) -> None:
        """Destroy this version on the token."""
        if version == self.current:
            raise KeyringError(f"Version {version} of the master key is in use and is not removed. Nothing was changed.")
        with self._session(writing=True) as session:
            for key in self._on(session).get(version, ()):
                key.destroy()
        self.open()

    def key_to_share(self) -> bytes:
        """Refused: the key cannot be read."""
        raise NoShares(
            f"The master key lies in the token {self._token} and never leaves it, so it has no shares: "
            "back the token up with its maker's tool."
        )

    # -- wrapping -----------------------------------------------------------------------------------------------------

    def wrap(self, key: bytes, at: bytes, version: int) -> bytes:
        """The key sealed by the token for this place."""
        nonce = os.urandom(_NONCE)
        with self._session():
            return nonce + bytes(self._key(version).encrypt(key, **self._gcm(nonce, at)))

    def unwrap(self, wrapped: bytes, at: bytes, version: int) -> bytes:
        """The key that the token sealed for this place."""
        from pkcs11.exceptions import GeneralError, PKCS11Error

        master = self._key(version)
        try:
            with _one_at_a_time:
                return bytes(master.decrypt(wrapped[_NONCE:], **self._gcm(wrapped[:_NONCE], at)))
        except PKCS11Error as error:
            if isinstance(error, GeneralError) or type(error).__name__.startswith(_DOES_NOT_FIT):
                raise Damaged from None
            raise self._trouble(error) from None

    def _gcm(self, nonce: bytes, at: bytes) -> dict[str, Any]:
        from pkcs11 import GCMParams, Mechanism

        return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, at, _TAG_BITS)}

    def _key(self, version: int) -> Any:
        if version not in self._keys:
            raise UnknownVersion(
                f"The token {self._token} lacks version {version} of the master key, which the key store needs. Nothing was changed."
            )
        return self._keys[version]

    # -- the token ----------------------------------------------------------------------------------------------------

    def _found(self) -> dict[int, Any]:
        with self._session() as session:
            found = self._on(session)
        twice = [version for version, keys in found.items() if len(keys) > 1]
        if twice:
            raise KeyringError(f"The token {self._token} has two keys {self._label} of version {twice[0]}. Nothing was changed.")
        return {version: keys[0] for version, keys in found.items()}

    def _on(self, session: Any) -> dict[int, list[Any]]:
        from pkcs11 import Attribute, ObjectClass

        found: dict[int, list[Any]] = {}
        for key in session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._label}):
            number = bytes(key[Attribute.ID]).decode("ascii", "replace")
            if number.isdigit():
                found.setdefault(int(number), []).append(key)
        return found

    def _make(self, version: int) -> None:
        from pkcs11 import Attribute, KeyType

        template = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        with self._session(writing=True) as session:
            session.generate_key(KeyType.AES, 256, label=self._label, id=str(version).encode(), store=True, template=template)

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[Any]:
        """The process's session with the token, alone; another one, closed afterwards, for `writing`."""
        try:
            from pkcs11.exceptions import PKCS11Error
        except ImportError:
            raise KeyringError("The provider pkcs11 needs the package python-pkcs11. Nothing was changed.") from None
        with _one_at_a_time:
            try:
                session = self._signed_in()
                if writing:
                    with session.token.open(rw=True) as another:
                        yield another
                else:
                    yield session
            except PKCS11Error as error:
                raise self._trouble(error) from None

    def _signed_in(self) -> Any:
        from pkcs11 import lib

        where = (self._module, self._token)
        if where not in _sessions:
            pin = read_private(self._pin_file, "PIN file").decode("utf-8", "replace").strip() if self._pin_file else ""
            _sessions[where] = lib(self._module).get_token(token_label=self._token).open(user_pin=pin)
        return _sessions[where]

    def _trouble(self, error: Exception) -> KeyringError:
        said = f"{type(error).__name__} {error}".strip()
        return KeyringError(f"The token {self._token} cannot be used through {self._module}: {said}. Nothing was changed.")


def of_config(config: Config) -> TokenKey:
    """The token key that the settings name."""
    return TokenKey(config.pkcs11_module, config.pkcs11_token, config.pkcs11_pin_file, config.pkcs11_label)

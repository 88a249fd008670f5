"""A PKCS#11 token in software, in a directory of its own: SoftHSM behind the same library calls as a hardware module.

Its place is named by SOFTHSM2_CONF, which the library reads once for each process; so whatever uses the token here runs in processes
of its own.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULES = (os.environ.get("CASEAPP_SOFTHSM", ""), "/usr/lib/softhsm/libsofthsm2.so")
#: The library, or "" where SoftHSM is not installed. `scripts/test` brings it, or stops and says so.
MODULE = next((module for module in MODULES if module and Path(module).is_file()), "")


@dataclass(frozen=True)
class Token:
    """A token made for a test, and the settings an installation needs to use it."""

    directory: Path
    environment: dict[str, str]

    @property
    def pin_file(self) -> Path:
        """The file with its PIN."""
        return Path(self.environment["CASEAPP_PKCS11_PIN_FILE"])


def make_token(directory: Path, pin: str = "271828") -> Token:
    """An empty token with the label `municipality`."""
    tokens, conf, pin_file = directory / "tokens", directory / "softhsm2.conf", directory / "pin"
    tokens.mkdir(parents=True)
    conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    pin_file.touch(0o600)
    pin_file.write_text(pin + "\n")
    made = {
        "SOFTHSM2_CONF": str(conf),
        "CASEAPP_KEY_PROVIDER": "pkcs11",
        "CASEAPP_PKCS11_MODULE": MODULE,
        "CASEAPP_PKCS11_TOKEN": "municipality",
        "CASEAPP_PKCS11_PIN_FILE": str(pin_file),
    }
    command = ["softhsm2-util", "--init-token", "--free", "--label", "municipality", "--pin", pin, "--so-pin", "314159"]
    subprocess.run(command, env=os.environ | made, check=True, capture_output=True)
    return Token(directory, made)

"""Where the master key comes from: each provider on a real installation, in processes of its own, with everything that can be wrong.

The token is SoftHSM, a PKCS#11 module in software. Expected: exit 78 and one sentence for a key that is missing, wrong or not allowed,
and not a byte changed; a key is made by `init` alone, and never where a database holds ciphertext.
"""

import base64
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.commands import CONFIGURATION, run
from tests.installations import Installation
from tests.keyholder.tokens import MODULE, Token, make_token
from tests.test_start import every_file

KEY = base64.b64encode(bytes(range(32))).decode()
needs_token = pytest.mark.skipif(not MODULE, reason="SoftHSM is not installed; ./scripts/test brings it")


def at(home: Path, **settings: str) -> Installation:
    """An installation (to be) at this place with these settings."""
    return Installation(home, {"CASEAPP_HOME": str(home), **settings})


def stopped(installation: Installation, *words: str, **changed: str) -> str:
    """The one sentence with which the command refused to start."""
    done = run(installation, *words, **changed)
    assert done.returncode == CONFIGURATION, (done.stdout, done.stderr)
    assert done.stdout == ""
    (sentence,) = done.stderr.strip().splitlines()
    return sentence


def started(installation: Installation, *words: str, **changed: str) -> str:
    """What the command said; it started and found nothing wrong."""
    done = run(installation, *words, **changed)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


# -- environment ------------------------------------------------------------------------------------------------------


def test_a_key_in_the_environment_is_refused_until_it_is_said_to_be_meant(tmp_path: Path) -> None:
    here = at(tmp_path / "home", CASEAPP_KEY_PROVIDER="environment", CASEAPP_MASTER_KEY=KEY)
    assert "development only" in stopped(here, "init")
    assert not (tmp_path / "home").exists()
    started(here, "init", CASEAPP_ALLOW_ENVIRONMENT_KEY="yes")
    assert started(here, "audit", "verify", CASEAPP_ALLOW_ENVIRONMENT_KEY="yes").endswith("0 findings\n")
    assert not (tmp_path / "home" / "master.key").exists()
    before = every_file(tmp_path / "home")
    assert "development only" in stopped(here, "audit", "verify")
    assert every_file(tmp_path / "home") == before


@pytest.mark.parametrize("wrong", ["", "short", base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(32)).decode()])
def test_a_missing_or_wrong_key_in_the_environment_stops_the_start(wrong: str, tmp_path: Path) -> None:
    here = at(tmp_path, CASEAPP_KEY_PROVIDER="environment", CASEAPP_MASTER_KEY=KEY, CASEAPP_ALLOW_ENVIRONMENT_KEY="yes")
    started(here, "init")
    before = every_file(tmp_path)
    for command in (("audit", "verify"), ("init",)):
        sentence = stopped(here, *command, CASEAPP_MASTER_KEY=wrong)
        assert wrong == "" or wrong not in sentence
    assert every_file(tmp_path) == before


# -- another package's ------------------------------------------------------------------------------------------------


def test_a_provider_of_another_package_is_found_by_its_entry_point(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "vault-1.0.dist-info").mkdir(parents=True)
    (site / "vault-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: vault\nVersion: 1.0\n")
    (site / "vault-1.0.dist-info" / "entry_points.txt").write_text("[caseapp.master_key]\nvault = vault:of_config\nfile = vault:never\n")
    (site / "vault.py").write_text(
        textwrap.dedent("""
        from caseapp.keyholder.keyring import HeldKeyring, Keyring

        class Vault(HeldKeyring):
            provider = "vault"

        def of_config(config):
            return Vault(Keyring(1, {1: config.written["CASEAPP_VAULT_WORD"].encode().ljust(32)}))
        """)
    )
    here = at(tmp_path / "home", CASEAPP_KEY_PROVIDER="vault", PYTHONPATH=str(site), CASEAPP_VAULT_WORD="sesam")
    started(here, "init")
    assert started(here, "audit", "verify").endswith("0 findings\n")
    assert "does not belong" in stopped(here, "audit", "verify", CASEAPP_VAULT_WORD="another")
    assert "missing" in stopped(here, "audit", "verify", CASEAPP_KEY_PROVIDER="file")  # ours cannot be replaced
    assert "(there are: environment, file, pkcs11, vault)" in stopped(here, "audit", "verify", CASEAPP_KEY_PROVIDER="volt")


def test_no_key_is_made_where_a_database_holds_ciphertext(tmp_path: Path) -> None:
    here = at(tmp_path)
    started(here, "init")
    (tmp_path / "master.key").unlink()
    (tmp_path / "keystore.db").unlink()
    before = every_file(tmp_path)
    assert "missing" in stopped(here, "init")
    assert every_file(tmp_path) == before


# -- a token ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(tmp_path: Path) -> Token:
    """An empty token."""
    return make_token(tmp_path / "token")


@pytest.fixture
def on_token(token: Token, tmp_path: Path) -> Installation:
    """An installation whose master key lies in the token."""
    here = at(tmp_path / "home", **token.environment)
    started(here, "init")
    return here


@needs_token
def test_an_installation_lives_on_a_key_that_never_leaves_its_token(on_token: Installation, token: Token) -> None:
    assert started(on_token, "audit", "verify").endswith("0 findings\n")
    assert not (on_token.home / "master.key").exists()
    looked = run_python(
        token,
        """
        import os, pkcs11
        from pkcs11 import Attribute, ObjectClass
        token = pkcs11.lib(os.environ["CASEAPP_PKCS11_MODULE"]).get_token(token_label="municipality")
        (key,) = token.open(user_pin="271828").get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
        print(key[Attribute.LABEL], key[Attribute.ID].decode(), key.key_length, key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE])
        try:
            key[Attribute.VALUE]
        except pkcs11.AttributeSensitive:
            print("cannot be read")
        """,
    )
    assert looked == "caseapp-master 1 256 True False\ncannot be read\n"


def run_python(token: Token, program: str) -> str:
    """What a program of its own with this token's settings printed."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(command, env=os.environ | token.environment, check=True, capture_output=True, text=True).stdout


@needs_token
def test_what_a_token_wrapped_opens_in_its_place_alone(on_token: Installation) -> None:
    with sqlite3.connect(on_token.home / "keystore.db") as store:
        store.execute("UPDATE purpose_key SET wrapped = (SELECT wrapped FROM purpose_key WHERE name = 'audit') WHERE name = 'rows'")
    store.close()
    assert "does not belong to this key store" in stopped(on_token, "audit", "verify")


@needs_token
def test_a_missing_or_wrong_token_stops_the_start_and_changes_nothing(on_token: Installation, token: Token, tmp_path: Path) -> None:
    other, empty = make_token(tmp_path / "other"), make_token(tmp_path / "empty")
    started(at(tmp_path / "elsewhere", **other.environment), "init")
    no_pin, wrong_pin = tmp_path / "no pin", tmp_path / "wrong pin"
    wrong_pin.touch(0o600)
    wrong_pin.write_text("000000")
    wrongs = [
        (other.environment, "does not belong to this key store"),
        (empty.environment, "has no key"),
        ({"CASEAPP_PKCS11_TOKEN": "nowhere"}, "nowhere cannot be used"),
        ({"CASEAPP_PKCS11_LABEL": "another"}, "has no key another"),
        ({"CASEAPP_PKCS11_MODULE": str(tmp_path / "none.so")}, "cannot be used"),
        ({"CASEAPP_PKCS11_PIN_FILE": str(no_pin)}, "is missing"),
        ({"CASEAPP_PKCS11_PIN_FILE": str(wrong_pin)}, "PinIncorrect"),
        ({"CASEAPP_KEY_PROVIDER": "file"}, "is missing"),
        ({"CASEAPP_PKCS11_MODULE": "", "CASEAPP_PKCS11_TOKEN": ""}, "CASEAPP_PKCS11_TOKEN must be set"),
    ]
    before = every_file(on_token.home)
    for changed, words in wrongs:
        assert words in stopped(on_token, "audit", "verify", **changed)
    token.pin_file.chmod(0o644)
    assert "mode 0644" in stopped(on_token, "init")
    assert every_file(on_token.home) == before


@needs_token
def test_init_beside_a_key_on_the_token_refuses(on_token: Installation, token: Token, tmp_path: Path) -> None:
    def keys() -> dict[str, str]:  # token.object counts sign-ins
        return {name: held[0] for name, held in every_file(token.directory / "tokens").items() if not name.endswith("token.object")}

    before = keys()
    assert "waits for a restore" in stopped(at(tmp_path / "second", **token.environment), "init")
    assert keys() == before


@needs_token
def test_a_token_that_was_restored_from_its_back_up_starts_again(on_token: Installation, token: Token, tmp_path: Path) -> None:
    shutil.copytree(token.directory / "tokens", tmp_path / "back-up")
    shutil.rmtree(token.directory / "tokens")
    (token.directory / "tokens").mkdir()
    stopped(on_token, "audit", "verify")
    shutil.rmtree(token.directory / "tokens")
    shutil.copytree(tmp_path / "back-up", token.directory / "tokens")
    started(on_token, "audit", "verify")

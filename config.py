"""Every setting: what it means, its unit, its default. Read from the environment, or from `.env` in CASEAPP_HOME.

What belongs to the municipality (consent rules, plan label, ages, disclosure threshold) is not here: it lives in the
database, is changed in the interface and logged.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

_LARGEST_DOCUMENT = 24 * 1024 * 1024


class ConfigurationError(Exception):
    """Settings that cannot be used; the message lists all of them in one go."""


@dataclass(frozen=True)
class Config:
    """The settings of one installation, checked."""

    #: CASEAPP_HOME – directory (mode 0700) of everything the embedded default stores. Default: instance/ beside this file.
    home: Path
    #: CASEAPP_DATABASE_URL – sqlite:///… or postgresql+psycopg://…. Default: SQLite in the home directory.
    database_url: str
    #: CASEAPP_KEYSTORE_URL – the key store: another file, database or schema than the data. Default: SQLite in the home directory.
    keystore_url: str
    #: CASEAPP_KEYRING – path of the master key file (mode 0600), for the provider `file`. Default: master.key in the home directory.
    keyring: Path
    #: CASEAPP_KEY_PROVIDER – where the master key is: file, environment, pkcs11, or what another package adds. Default: file.
    key_provider: str = "file"
    #: CASEAPP_MASTER_KEY – the master key (32 bytes in base64) for the provider `environment`. Default: none.
    environment_key: str = field(default="", repr=False)
    #: CASEAPP_ALLOW_ENVIRONMENT_KEY – yes: this is development, a master key in the environment is meant. Default: no.
    environment_key_allowed: bool = False
    #: CASEAPP_PKCS11_MODULE – path of the token maker's PKCS#11 library, for the provider `pkcs11`. Default: none.
    pkcs11_module: str = ""
    #: CASEAPP_PKCS11_TOKEN – label of the token. Default: none.
    pkcs11_token: str = ""
    #: CASEAPP_PKCS11_PIN_FILE – path of a file (mode 0600) with the token's PIN. Default: pkcs11.pin in the home directory.
    pkcs11_pin_file: Path | None = None
    #: CASEAPP_PKCS11_LABEL – label of the master key on the token. Default: caseapp-master.
    pkcs11_label: str = "caseapp-master"
    #: CASEAPP_MASTER_KEY_DAYS – days after which `doctor` asks for a new version of the master key. Default: 365.
    master_key_days: int = 365
    #: CASEAPP_ALLOWED_HOSTS – comma-separated host names answered to. Default: 127.0.0.1, localhost.
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    #: CASEAPP_TRUSTED_PROXIES – how many proxies in front are trusted to name the client's address. Default: 0.
    trusted_proxies: int = 0
    #: CASEAPP_IDLE_MINUTES – minutes without use before a session ends. Default: 20.
    idle_minutes: int = 20
    #: CASEAPP_SESSION_HOURS – hours after sign-in when a session ends in any case. Default: 10.
    session_hours: int = 10
    #: CASEAPP_CHECKPOINT_SECONDS – while the log grows it is vouched for at least this often, in seconds. What is written after the
    #: last checkpoint could be cut off unseen. Default: 60.
    checkpoint_seconds: int = 60
    #: CASEAPP_CHECKPOINT_ENTRIES – and at least once in so many entries. Default: 100.
    checkpoint_entries: int = 100
    #: CASEAPP_MAX_BODY_BYTES – largest request accepted, in bytes. Default: 6 MiB, so that a list of 5 MB gets in.
    max_body_bytes: int = 6 * 1024 * 1024
    #: CASEAPP_DOCUMENT_BYTES – largest document that can be attached to a case, in bytes; at most 24 MiB. Default: 10 MiB.
    document_bytes: int = 10 * 1024 * 1024
    #: CASEAPP_CASE_DOCUMENT_BYTES – how much all documents of one case may take as they are stored, in bytes. Default: 100 MiB.
    case_document_bytes: int = 100 * 1024 * 1024
    #: CASEAPP_SMTP_URL – the mail server for reminders: smtp[s]://[user:password@]host[:port]; smtp:// to another machine needs STARTTLS.
    #: Default: none, no reminders are sent.
    smtp_url: str = field(default="", repr=False)
    #: CASEAPP_SMTP_FROM – the sender of reminders. Default: none; needed with CASEAPP_SMTP_URL.
    smtp_from: str = ""
    #: CASEAPP_ADDRESS – where people sign in, for the link in reminders, https://… Default: none; needed with CASEAPP_SMTP_URL.
    address: str = ""
    #: Every CASEAPP_… setting as it was written, for providers of master keys from other packages.
    written: Mapping[str, str] = field(default_factory=dict, repr=False)


def _number(settings: Mapping[str, str], name: str, default: int, wrong: list[str]) -> int:
    written = settings.get(name, str(default))
    if written.isdigit():
        return int(written)
    wrong.append(f"{name} must be a whole number, not {written!r}")
    return default


def _wrong_with_mail(url: str, sender: str, address: str) -> list[str]:
    """What is wrong with the settings of reminders. The URL holds a password and is not repeated."""
    if not url:
        return []
    wrong = []
    try:
        place = urlsplit(url)
        is_whole = place.scheme in ("smtp", "smtps") and bool(place.hostname) and place.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        wrong.append("CASEAPP_SMTP_URL must be smtp[s]://[user:password@]host[:port]")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", sender):
        wrong.append("CASEAPP_SMTP_FROM must be an e-mail address where CASEAPP_SMTP_URL is set")
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        wrong.append("CASEAPP_ADDRESS must be the https:// address people sign in at where CASEAPP_SMTP_URL is set")
    return wrong


def load(environment: Mapping[str, str] | None = None) -> Config:
    """The configuration from the environment. Raises ConfigurationError naming everything that is wrong at once."""
    environment = os.environ if environment is None else environment
    home = Path(environment.get("CASEAPP_HOME") or Path(__file__).parent / "instance").absolute()
    written = {name: value for name, value in dotenv_values(home / ".env").items() if value is not None}
    settings = written | {name: value for name, value in environment.items() if name.startswith("CASEAPP_")}
    wrong: list[str] = []
    database = settings.get("CASEAPP_DATABASE_URL", f"sqlite:///{home}/caseapp.db")
    keystore = settings.get("CASEAPP_KEYSTORE_URL", f"sqlite:///{home}/keystore.db")
    for name, url in (("CASEAPP_DATABASE_URL", database), ("CASEAPP_KEYSTORE_URL", keystore)):
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            wrong.append(f"{name} must start with sqlite:/// or postgresql+psycopg://")
    if database == keystore:
        wrong.append("CASEAPP_KEYSTORE_URL must name another database than CASEAPP_DATABASE_URL, so that keys and data are backed up apart")
    hosts = tuple(host.strip() for host in settings.get("CASEAPP_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",") if host.strip())
    provider = settings.get("CASEAPP_KEY_PROVIDER", "file")
    if provider == "pkcs11":
        needed = ("CASEAPP_PKCS11_MODULE", "CASEAPP_PKCS11_TOKEN")
        wrong += [f"{name} must be set for the provider pkcs11" for name in needed if not settings.get(name)]
    if settings.get("CASEAPP_ALLOW_ENVIRONMENT_KEY", "no") not in ("yes", "no"):
        wrong.append("CASEAPP_ALLOW_ENVIRONMENT_KEY must be yes or no")
    smtp_url, smtp_from, address = (settings.get(f"CASEAPP_{name}", "") for name in ("SMTP_URL", "SMTP_FROM", "ADDRESS"))
    wrong += _wrong_with_mail(smtp_url, smtp_from, address)
    config = Config(
        home=home,
        database_url=database,
        keystore_url=keystore,
        keyring=Path(settings.get("CASEAPP_KEYRING", str(home / "master.key"))),
        key_provider=provider,
        environment_key=settings.get("CASEAPP_MASTER_KEY", ""),
        environment_key_allowed=settings.get("CASEAPP_ALLOW_ENVIRONMENT_KEY", "no") == "yes",
        pkcs11_module=settings.get("CASEAPP_PKCS11_MODULE", ""),
        pkcs11_token=settings.get("CASEAPP_PKCS11_TOKEN", ""),
        pkcs11_pin_file=Path(settings.get("CASEAPP_PKCS11_PIN_FILE", str(home / "pkcs11.pin"))),
        pkcs11_label=settings.get("CASEAPP_PKCS11_LABEL", "caseapp-master"),
        master_key_days=_number(settings, "CASEAPP_MASTER_KEY_DAYS", 365, wrong),
        allowed_hosts=hosts,
        trusted_proxies=_number(settings, "CASEAPP_TRUSTED_PROXIES", 0, wrong),
        idle_minutes=_number(settings, "CASEAPP_IDLE_MINUTES", 20, wrong),
        session_hours=_number(settings, "CASEAPP_SESSION_HOURS", 10, wrong),
        checkpoint_seconds=_number(settings, "CASEAPP_CHECKPOINT_SECONDS", 60, wrong),
        checkpoint_entries=_number(settings, "CASEAPP_CHECKPOINT_ENTRIES", 100, wrong),
        max_body_bytes=_number(settings, "CASEAPP_MAX_BODY_BYTES", 6 * 1024 * 1024, wrong),
        document_bytes=_number(settings, "CASEAPP_DOCUMENT_BYTES", 10 * 1024 * 1024, wrong),
        case_document_bytes=_number(settings, "CASEAPP_CASE_DOCUMENT_BYTES", 100 * 1024 * 1024, wrong),
        smtp_url=smtp_url,
        smtp_from=smtp_from,
        address=address,
        written=settings,
    )
    if config.document_bytes > _LARGEST_DOCUMENT:
        wrong.append(f"CASEAPP_DOCUMENT_BYTES must be at most {_LARGEST_DOCUMENT}: documents pass through memory")
    if wrong:
        raise ConfigurationError("; ".join(wrong))
    return config

"""Handing letters over to a mail server: over an encrypted connection, except to one on this machine.

`smtps://` is encrypted from the first byte, `smtp://` by STARTTLS before anything else is said. A certificate that does not fit is refused.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

_HERE = {"localhost", "127.0.0.1", "::1"}
_SECONDS = 20
NOT_DELIVERED = (smtplib.SMTPException, OSError, UnicodeError)
"""What a letter that is not taken raises."""


class NoPost(Exception):
    """The mail server cannot be used at all; the sentence says why. No letter was handed over."""


@contextmanager
def post_office(url: str) -> Iterator["Post"]:
    """An open connection to the server at `smtp[s]://[user:password@]host[:port]`. Raises NoPost."""
    place = urlsplit(url)
    host = place.hostname or ""
    try:
        with _connected(place.scheme, host, place.port) as server:
            if place.scheme == "smtp" and host not in _HERE:
                _encrypt(server, host)
            if place.username:
                server.login(unquote(place.username), unquote(place.password or ""))
            yield Post(server)
    except smtplib.SMTPAuthenticationError:
        raise NoPost(f"the mail server {host} does not accept the user name and password in CASEAPP_SMTP_URL") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NoPost(f"the mail server {host} cannot be used: {type(error).__name__}") from None


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 587, timeout=_SECONDS)


def _encrypt(server: smtplib.SMTP, host: str) -> None:
    server.ehlo()
    if not server.has_extn("starttls"):
        raise NoPost(f"the mail server {host} does not offer STARTTLS, so nothing is said to it")
    server.starttls(context=ssl.create_default_context())


class Post:
    """An open connection."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def deliver(self, message: EmailMessage) -> None:
        """Hand one letter over. Raises one of NOT_DELIVERED; the connection can still be used for the next."""
        try:
            self._server.send_message(message)
        except smtplib.SMTPServerDisconnected:
            raise
        except NOT_DELIVERED:
            self._server.rset()
            raise

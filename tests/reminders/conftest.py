"""A mail server of our own, and the small town."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from tests.installations import Installation
from tests.small_town import town  # noqa: F401 - a fixture

SENDER, ADDRESS = "paminnelse@provkoping.example", "https://sspf.provkoping.example"


@dataclass
class Server:
    """A real SMTP server on this machine. It takes every letter but those to an address with `full` in it."""

    host: str
    port: int
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if "full" in address:
            return "452 the mailbox is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def to(self) -> list[str]:
        return sorted(str(letter["To"]) for letter in self.letters)


@pytest.fixture(params=["127.0.0.1"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server; with another loopback address it counts as one on another machine."""
    with socket.socket() as free:
        free.bind((request.param, 0))
        here = Server(request.param, port=free.getsockname()[1])
    controller = Controller(here, hostname=here.host, port=here.port)
    controller.start()
    yield here
    controller.stop()


@pytest.fixture
def app(installation: Installation, server: Server) -> Iterator[Flask]:
    """The application, told of the server."""
    told = {"CASEAPP_SMTP_URL": server.url, "CASEAPP_SMTP_FROM": SENDER, "CASEAPP_ADDRESS": ADDRESS}
    installation.environment.update(told)
    with installation.application() as made:
        made.extensions["caseapp.database"].bind()
        yield made

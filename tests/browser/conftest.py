"""A real server and a real browser for journeys. Journeys run on every kind of database, as all tests do."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from scripts.launch import make_server
from tests.browser.visitor import WIDE, Visitor

#: A browser that talks to nobody but the page it is sent to.
_QUIET = (
    "--no-sandbox",  # the suite may run as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser per worker; each visitor has a context (cookies, storage) of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CASEAPP_CHROMIUM", "/usr/bin/chromium"), args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serves an application as `scripts/run` does, on a free port; called with it, gives the origin."""
    started = []

    def start(app: Flask) -> str:
        server = make_server(app, 0)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        started.append((server, thread))
        return f"http://127.0.0.1:{server.effective_port}"

    yield start
    for server, thread in started:
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(lambda server=server: server.asyncore.close_all(server._map))
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def visitors(chromium: Browser, serve: Callable[[Flask], str], request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """People at browsers of their own: called with an application, gives a visitor of it. What was wrong on their way fails the test.

    `scripts=False` gives somebody whose browser carries out no scripts.
    """
    origins: dict[int, str] = {}
    here: list[Visitor] = []

    def arrive(app: Flask, *, scripts: bool = True) -> Visitor:
        origin = origins.get(id(app)) or origins.setdefault(id(app), serve(app))
        context = chromium.new_context(
            viewport=WIDE, locale="sv-SE", timezone_id="Europe/Stockholm", service_workers="block", java_script_enabled=scripts
        )
        here.append(Visitor(context, origin, request.node.name, scripts=scripts))
        return here[-1]

    yield arrive
    wrong = [sentence for visitor in here for sentence in visitor.verdict()]
    for visitor in here:
        visitor.page.context.close()
    assert not wrong, "\n  ".join(["on the way:", *wrong])

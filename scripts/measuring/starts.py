"""How long a person waits for `./scripts/run`, packages being installed: the first start, with the demonstration, and later ones."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

from . import Figure

_ROOT = Path(__file__).resolve().parents[2]


def measure(*, quick: bool) -> Iterator[Figure]:
    """Seconds from the command to the first answer."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "instance"
        yield Figure("first start, demonstration loaded", _wait_for_start(home), "s", 15)
        later = min(_wait_for_start(home) for _ in range(1 if quick else 3))
        yield Figure("later start", later, "s", 3)


def _wait_for_start(home: Path) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"CASEAPP_HOME": str(home)}
    began = time.perf_counter()
    server = subprocess.Popen(  # noqa: S603 - our own command
        [_ROOT / "scripts" / "run", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - began < 120:
            if server.poll() is not None:
                raise RuntimeError(f"scripts/run stopped with {server.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                    return time.perf_counter() - began
            except (URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError("scripts/run did not answer within two minutes")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)

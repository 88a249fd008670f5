"""The `flask` command as whoever runs an installation types it: a process of its own, with its own settings, output and exit code.

Starting Python and importing the application takes more than a second, and hundreds of tests need a process. `run` forks it from one
in which that has been done, and nothing else; `start` starts it from nothing, for what is about starting.
"""

import gc
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

from tests.installations import Installation

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = 78
_SECONDS = 120
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["caseapp.cli", "caseapp.web", "caseapp.installation", "flask.cli", "tests.commands"])


def settings(installation: Installation, **changed: str) -> dict[str, str]:
    """The environment of a command on this installation: its settings and none of the caller's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASEAPP_")}
    return environment | installation.environment | {"PYTHONDONTWRITEBYTECODE": "1"} | changed


def start(installation: Installation, *words: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """`flask --app wsgi …` with this installation's settings, started from nothing."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env=settings(installation, **changed),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def run(installation: Installation, *words: str, typed: str = "", **changed: str) -> subprocess.CompletedProcess[str]:
    """The same in a process that has the application imported already; `typed` is what it reads from its input."""
    with ExitStack() as ours, ThreadPoolExecutor(2) as readers:
        with ExitStack() as theirs:
            stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
            given = [theirs.enter_context(open(end, "rb" if end == stdin[0] else "wb")) for end in (stdin[0], stdout[1], stderr[1])]
            writing = ours.enter_context(open(stdin[1], "w"))
            reading = [ours.enter_context(open(end)) for end in (stdout[0], stderr[0])]
            streams = [_Stream(end.fileno()) for end in given]
            process = _forks.Process(target=_flask, args=(words, settings(installation, **changed), streams))
            process.start()
        said = [readers.submit(end.read) for end in reading]
        with suppress(BrokenPipeError):  # a command that reads nothing may have ended
            writing.write(typed)
            writing.close()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(words), _SECONDS)
        return subprocess.CompletedProcess(list(words), process.exitcode, *(one.result() for one in said))


class _Stream:
    """One end of a pipe, on its way to another process."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self._number),)


def _received(stream: Any) -> int:
    number: int = stream.detach()
    return number


def _flask(words: tuple[str, ...], environment: dict[str, str], streams: list[int]) -> None:
    from flask.cli import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = ["flask", "--app", "wsgi", *words]
    code: Any = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    # A Python that ends lets go of everything, connections too; a fork of one does not.
    sys.modules.pop("wsgi", None)
    gc.unfreeze()
    gc.collect()
    sys.exit(code)

"""A file is cleaned in a process of its own: what it does there to memory, time or the library is a refusal and nothing more."""

import os
import resource
import subprocess
import sys

import pytest

from caseapp.documents import apart
from caseapp.documents.content import Unacceptable
from caseapp.documents.content.__main__ import MEMORY
from tests.documents import papers

MOST = 10_000_000


def refused(content: bytes, most: int = MOST) -> str:
    """Why it is not taken."""
    with pytest.raises(Unacceptable) as why:
        apart.clean(content, most=most)
    return why.value.reason


@pytest.mark.parametrize(
    ("brought", "media"),
    [(papers.photograph(), "jpeg"), (papers.screenshot(), "png"), (papers.laden_pdf(), "pdf"), (papers.word(), "docx")],
)
def test_every_sort_comes_back_clean(brought, media):
    kept = apart.clean(brought, most=MOST)
    assert (kept.media, papers.tells(kept.content)) == (media, False)


def test_what_is_too_large_before_or_afterwards_is_refused():
    brought = papers.picture("PNG", (300, 300))
    assert refused(brought, most=len(brought) - 1) == "too_large"
    noise = papers.noise(60)
    assert len(noise) < len(apart.clean(noise, most=MOST).content), "written anew it takes more"
    assert refused(noise, most=len(noise)) == "too_large"


def test_the_reason_comes_back():
    assert refused(b"") == "empty"
    assert refused(b"hej") == "unknown_sort"
    assert refused(papers.packed(papers.word_parts() | {"word/vbaProject.bin": b"x"})) == "macros"


def run(program: str) -> subprocess.CompletedProcess[bytes]:
    """What a process does that limits itself as the cleaner does, and then this."""
    limited = f"from caseapp.documents.content.__main__ import _limit\n_limit()\n{program}"
    return subprocess.run([sys.executable, "-c", limited], capture_output=True, timeout=100, cwd=apart._ROOT, env={}, check=False)


def test_the_process_has_a_limit_of_memory_and_of_time_and_can_write_no_file(tmp_path):
    assert b"MemoryError" in run(f"bytearray({MEMORY})").stderr
    told = run("import resource; print(resource.getrlimit(resource.RLIMIT_CPU))").stdout
    assert told.split() == [b"(20,", b"20)"]
    assert b"File too large" in run(f"import os; os.write(os.open({str(tmp_path / 'x')!r}, os.O_CREAT | os.O_WRONLY), b'hej')").stderr
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0, "ours is as it was"


def test_the_process_is_told_nothing_of_the_settings(monkeypatch):
    monkeypatch.setenv("CASEAPP_MASTER_KEY", "hemlig")
    seen = {}
    real = subprocess.run

    def watch(words, **named):
        seen.update(named)
        return real(words, **named)

    monkeypatch.setattr(apart.subprocess, "run", watch)
    apart.clean(papers.picture("PNG"), most=MOST)
    assert seen["env"] == {}
    assert "CASEAPP_MASTER_KEY" in os.environ


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "too_complex"),
        ("import time; time.sleep(60)", "too_complex"),
        ("print('no answer')", "broken"),
        ("print('[]')", "broken"),
        ("pass", "broken"),
        ("raise SystemExit(3)", "broken"),
    ],
)
def test_a_process_that_dies_hangs_or_talks_nonsense_is_a_refusal(program, reason, monkeypatch):
    real = subprocess.run
    monkeypatch.setattr(apart, "_PATIENCE", 2)
    monkeypatch.setattr(apart.subprocess, "run", lambda _words, **named: real([sys.executable, "-c", program], **named))
    assert refused(papers.picture("PNG")) == reason


def test_nothing_that_reads_documents_is_loaded_when_the_program_starts():
    """Measured in a process of its own: the libraries come with the first file, in the process that reads it."""
    asked = "import sys, caseapp.web.rooms; print(*[name for name in ('PIL', 'pikepdf', 'lxml') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=apart._ROOT, check=True)
    assert found.stdout.split() == []

"""A file is cleaned in a process of its own, which may fail in any way it likes.

The question answered here is "what is left of this file?", for files that come from anywhere. Promised: no library that reads them runs
where keys are; a file that exhausts memory or time, or brings a library down, is a file that cannot be kept and nothing more; no more than
a few are read at once, and the file passes through memory only.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

from .content import CleanDocument, Unacceptable

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60  # seconds until one that does not compute, but waits, is ended
#: Each may take a gigabyte for some seconds.
_AT_ONCE = threading.BoundedSemaphore(2)


def clean(content: bytes, *, most: int) -> CleanDocument:
    """The document that is kept of this content, of at most `most` bytes. Raises Unacceptable."""
    if len(content) > most:
        raise Unacceptable("too_large")
    if not content:
        raise Unacceptable("empty")
    with _AT_ONCE:
        told, made = _ask(content)
    if "media" not in told:
        raise Unacceptable(str(told.get("refused", "broken")))
    if len(made) > most:
        raise Unacceptable("too_large")
    return CleanDocument(str(told["media"]), made)


def _ask(content: bytes) -> tuple[dict[str, str], bytes]:
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "caseapp.documents.content"],
            cwd=_ROOT,
            env={},  # settings, and with them a key, are none of its business
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_complex"}, b""
    if done.returncode < 0:  # ended by the system: out of memory or time, or the library fell
        return {"refused": "too_complex"}, b""
    line, _end, made = done.stdout.partition(b"\n")
    try:
        told = json.loads(line)
    except ValueError:
        return {"refused": "broken"}, b""
    return (told, made) if isinstance(told, dict) else ({}, b"")

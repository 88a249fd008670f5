"""The other side of `apart.py`: a process that reads one file from its input, cleans it and writes what came of it, and ends.

It holds no key and no secret, opens no connection, and can write no file; memory and time are limited. The answer is a line of JSON
({media} or {refused}) and then the document.
"""

import contextlib
import json
import sys

from caseapp.documents.content import Unacceptable, cleaned

MEMORY = 1024 * 1024 * 1024  # bytes of address space
SECONDS = 20  # of computing


def _limit() -> None:
    try:
        import resource
    except ImportError:  # a system without such limits; the one who waits for us ends us all the same
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system may allow less than this, or know no such limit
            resource.setrlimit(limit, (most, most))


def _answer(content: bytes) -> tuple[dict[str, str], bytes]:
    try:
        document = cleaned(content)
    except Unacceptable as refused:
        return {"refused": refused.reason}, b""
    except (MemoryError, RecursionError):
        return {"refused": "too_complex"}, b""
    except Exception:  # a library's own mistake at a file that was made to find it
        return {"refused": "broken"}, b""
    return {"media": document.media}, document.content


if __name__ == "__main__":
    _limit()
    told, made = _answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made)

"""Where does a file go that somebody sends? Into memory, and nowhere else.

The library would lay a file of more than half a megabyte in a temporary file, in the open. Promised: no part of a request is written to
disk by the program. How large a request may be is a setting, so memory has a bound. (A server in front may write what passes through it:
`scripts/launch.py` keeps the one that comes with the program from that.)
"""

import io
from typing import IO

from flask import Request


class RequestInMemory(Request):
    """A request whose files are held in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - the library's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return io.BytesIO()

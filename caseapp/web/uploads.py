"""How a file reaches the program: in memory, and no more of it than may be kept.

The library underneath would lay a file of more than half a megabyte in a temporary file, in the clear, before anybody looked at it. Here
every file of every request stays in memory; what exceeds the largest document is read and forgotten, so that the page can come back with
everything else that was typed. Addresses that take no file keep the limit of all others.

Not promised: that a proxy in front does not lay what it receives in files of its own. Whoever runs one turns that off.
"""

from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, current_app, request


class _InMemory(BytesIO):
    """Takes anything and keeps the beginning: one byte more than is allowed, so that it shows that there was more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, content: Any) -> int:
        """Keep what there is room for; told as if all of it were written."""
        super().write(content[: max(0, self._most + 1 - self.tell())])
        return len(content)


class RequestInMemory(Request):
    """A request whose files lie in memory."""

    def _get_file_stream(self, *_told: Any, **_more: Any) -> IO[bytes]:
        return _InMemory(current_app.extensions["caseapp.config"].document_bytes)


def register(app: Flask) -> None:
    """Take files in memory, and longer requests where an address takes a file. Before anything asks for what was sent."""
    chosen = app.extensions["caseapp.config"]
    app.request_class = RequestInMemory

    @app.before_request
    def _make_room() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "takes_files", False):  # twice the largest document: what is a little too large gets its own page back
            request.max_content_length = 2 * chosen.document_bytes + chosen.max_body_bytes

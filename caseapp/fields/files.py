"""Which file did the person choose? Its bytes, as they came; nothing else of it is asked or kept.

A browser never fills in a file again: a page that comes back says that it has to be chosen once more. How large a file is taken,
and that it lies in memory only, is the web's affair (`web/uploads.py`); what is in it, is asked elsewhere.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from werkzeug.datastructures import FileStorage

from caseapp.fields.basic import Answer

View = TypeVar("View", bound=Callable[..., Any])


class FileField(Answer):
    """A file from the person's own computer; the value is its bytes, or None where none was chosen.

    `accept`: the endings and types that a browser offers first, which is a convenience and no check.
    """

    kind = "file"

    def __init__(self, label: Any = None, *, accept: str = "", **named: Any) -> None:
        super().__init__(label, **named)
        self.accept = accept

    def process_data(self, value: Any) -> None:  # noqa: ARG002 - WTForms' signature
        """A page begins without a file."""
        self.data: bytes | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the bytes of what was chosen; a field that was left alone comes without a name."""
        chosen = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)
        self.data = None if chosen is None else chosen.read()
        # what tells one answer from another (see Form.once_key) is the content
        self.raw_data = [hashlib.sha256(self.data or b"").hexdigest()]


def takes_files(view: View) -> View:
    """Declare that this address takes a file, and with it a longer request than others."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view

"""What may be attached, how large it may be, how it is opened again, and who may take it away. Pure.

Limits that a municipality may want otherwise are settings (config.py) and come as arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CONSENT = "consent"

#: What a document can be, by what its content is: media → (MIME type, neutral file name, whether a browser shows it).
PDF, JPEG, PNG, DOCX = "pdf", "jpeg", "png", "docx"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Served:
    """How a document of one sort goes to a browser. Its name says nothing of what it is about."""

    mime_type: str
    file_name: str
    is_shown: bool


SERVED: Mapping[str, Served] = {
    PDF: Served("application/pdf", "dokument.pdf", True),
    JPEG: Served("image/jpeg", "dokument.jpg", True),
    PNG: Served("image/png", "dokument.png", True),
    DOCX: Served(_WORD, "dokument.docx", False),
}


def why_no_room(length: int, kept: int, most: int) -> str | None:
    """None if a document of this many bytes fits in a case that keeps `kept` and may keep `most`, otherwise a reason code."""
    return "case_full" if kept + length > most else None


def why_not_remove(agency_id: str, owner_agency_id: str, is_removed: bool) -> str | None:
    """None if somebody of this agency may take the document away, otherwise a reason code: only whoever attached it, and once."""
    if agency_id != owner_agency_id:
        return "not_found"
    return "removed_already" if is_removed else None

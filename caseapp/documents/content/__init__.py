"""What is in these bytes, and what is left of them when all that is not words and pictures is taken away? Pure: bytes in, bytes out.

The sort is told by the content: its first bytes and whether a parser takes it for that. A name or a browser's word for it is never asked.
What comes back was built anew by a library that read it, so that whatever stood before, between or behind is gone.

Libraries (one for each sort: Pillow, pikepdf, lxml) are imported where they are used, so that a program that shows no document does not
load them. Run this in a process of its own (`apart.py`): a file can be made so that reading it takes all memory or all time there is.
"""

from dataclasses import dataclass

from ..rules import DOCX, JPEG, PDF, PNG

#: Photographs of a whole page at 600 dots an inch have 35 million pixels; each takes three or four bytes while it is worked on.
MOST_PIXELS = 40_000_000

_BEGINS = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"PK\x03\x04", DOCX))
#: Word's format before 2007, and what Word makes of a document that is locked with a password.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Unacceptable(Exception):
    """This cannot be kept. `reason`: empty, unknown_sort, old_word, broken, encrypted, macros, foreign_parts, living_form, too_many_pixels,
    too_complex or too_large.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class CleanDocument:
    """A file that was taken apart and built anew. `media`: pdf, jpeg, png or docx. Made by this package alone."""

    media: str
    content: bytes


def cleaned(content: bytes) -> CleanDocument:
    """The document without anything but its words and pictures. Raises Unacceptable."""
    media = sort_of(content)
    if media == PDF:
        from .pdf import clean_pdf

        return CleanDocument(PDF, clean_pdf(content))
    if media == DOCX:
        from .word import clean_word

        return CleanDocument(DOCX, clean_word(content))
    from .pictures import clean_picture

    return CleanDocument(*clean_picture(content, most_pixels=MOST_PIXELS))


def sort_of(content: bytes) -> str:
    """The sort that the first bytes tell. Raises Unacceptable where they tell none of ours."""
    if not content:
        raise Unacceptable("empty")
    if content.startswith(_COMPOUND_FILE):
        raise Unacceptable("old_word")
    for begins, media in _BEGINS:
        if content.startswith(begins):
            return media
    raise Unacceptable("unknown_sort")

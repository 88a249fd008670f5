"""A document's content on its way into rows and out of them, one piece at a time. Called from inside an action, with its key at hand."""

from collections.abc import Iterator

from sqlalchemy import func, select

from caseapp.access import session
from caseapp.crypto import Damaged, count_pieces, joined, pieces_of
from caseapp.db import Unreadable, glance, opened

from .models import Document, DocumentPiece


def keep(document: Document, content: bytes) -> int:
    """Seal the content in rows of its own; how many there are."""
    total = count_pieces(len(content))
    for number, piece in enumerate(pieces_of(content)):
        session().add(
            DocumentPiece(
                case_id=document.case_id,
                owner_agency_id=document.owner_agency_id,
                information_type=document.information_type,
                created_by_id=document.created_by_id,
                document_id=document.id,
                place=number,
                total=total,
                content=piece,
            )
        )
    return total


def content_of(document: Document, pieces: int, length: int) -> bytes | Unreadable:
    """The content, if every piece is there and is what was kept; the log hears of what is not."""
    work = opened.get()
    try:
        return joined(_pieces(document, pieces), pieces, length)
    except Damaged:
        if work is not None:
            work.damaged.add((Document.__tablename__, document.id))
        return Unreadable()


def _pieces(document: Document, total: int) -> Iterator[bytes]:
    for number in range(total):
        query = select(DocumentPiece).where(DocumentPiece.document_id == document.id, DocumentPiece.place == number)
        for row in glance(DocumentPiece, query):
            content = row.content if row.total == total and row.case_id == document.case_id else None
            if not isinstance(content, bytes):
                raise Damaged
            yield content


def forget(document: Document) -> None:
    """Remove the content, piece by piece."""
    for piece_id in session().scalars(select(DocumentPiece.id).where(DocumentPiece.document_id == document.id)).all():
        session().delete(session().get_one(DocumentPiece, piece_id))
        session().flush()  # so that the next one is not read while this one is still held


def bytes_kept(case_id: str) -> int:
    """How many bytes the documents of the case take as they are stored."""
    stored = func.sum(func.length(DocumentPiece.content_sealed))  # type: ignore[attr-defined]
    return int(session().scalar(select(stored).where(DocumentPiece.case_id == case_id)) or 0)

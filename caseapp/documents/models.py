"""The rows of a document: what it is, and its content in pieces.

What stands in the open is that there is a document, when and by whom it was attached, and whether it was removed. Its content lies in the
text drawer of its compartment, each piece in a row of its own.
"""

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, sealed, sealed_codes, sealed_piece


class Document(CaseRow):
    """A document (dokument) of a case. Once removed, it is a trace: its content and title are gone, `removal_reason` says why.

    `answers`: {kind: DocumentKind, media: pdf, jpeg, png or docx, length: bytes, pieces: how many, consent: the id of the consent that
    is signed on it, or ""}.
    """

    __tablename__ = "document"

    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[str | None] = mapped_column(String(36))
    answers = sealed_codes()
    title = sealed()
    removal_reason = sealed()


class DocumentPiece(CaseRow):
    """A piece of a document's content: number `place` (from 0) of `total`."""

    __tablename__ = "document_piece"
    __table_args__ = (UniqueConstraint("document_id", "place"),)
    AT_A_TIME = 8

    document_id: Mapped[str] = mapped_column(String(36))
    place: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    content = sealed_piece(of="document_id", number="place", total="total")

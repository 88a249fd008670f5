"""The documents of a case as frozen values: what there is, never its content. Called from inside an action, with the case opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.accounts import Office
from caseapp.db import Unreadable, Withheld, coded, glance

from .models import Document
from .rules import CONSENT

Shown = str | Withheld | Unreadable


@dataclass(frozen=True)
class DocumentCard:
    """A document. `kind` is a code of DocumentKind, `media` of rules.SERVED; both are "" and `length` 0 where they may not be read.

    `consent_id`: the consent that is signed on it, or "". Of one that was removed only `kind` and `removal_reason` are left.
    """

    id: str
    version: int
    title: Shown
    kind: str
    media: str
    length: int
    consent_id: str
    information_type: str
    agency_id: str
    agency_name: str
    added_by: str
    added_at: datetime
    removed_at: datetime | None
    removed_by: str
    removal_reason: Shown

    @property
    def can_be_opened(self) -> bool:
        """Whether this reader may open it."""
        return bool(self.media) and self.removed_at is None


def documents_of(case_id: str, register: Office) -> tuple[DocumentCard, ...]:
    """Every document of the case, the newest first, removed ones among them."""
    query = select(Document).where(Document.case_id == case_id).order_by(Document.created_at.desc(), Document.id)
    return tuple(document_card(row, register) for row in glance(Document, query))


def document_card(row: Document, register: Office) -> DocumentCard:
    """A document's row as a frozen value."""
    answers = coded(row.answers)
    return DocumentCard(
        id=row.id,
        version=row.version,
        title=row.title,
        kind=answers.get("kind", ""),
        media=answers.get("media", ""),
        length=answers.get("length", 0),
        consent_id=answers.get("consent", ""),
        information_type=row.information_type,
        agency_id=row.owner_agency_id,
        agency_name=register.agency_name(row.owner_agency_id),
        added_by=register.user_name(row.created_by_id),
        added_at=row.created_at,
        removed_at=row.removed_at,
        removed_by=register.user_name(row.removed_by_id) if row.removed_by_id else "",
        removal_reason=row.removal_reason,
    )


def signed_originals(documents: Iterable[DocumentCard]) -> Mapping[str, str]:
    """Consent id → the id of the newest document it is signed on, of those that this reader may open."""
    signed = [one for one in documents if one.can_be_opened and one.kind == CONSENT and one.consent_id]
    return {one.consent_id: one.id for one in reversed(signed)}

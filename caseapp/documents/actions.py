"""What people do with documents: attach one, open one, take a mistaken one away.

What is attached was cleaned before (`apart.clean`), because a database is not kept waiting for that. Opening is logged as reading, and
nothing is released before the log is written.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from caseapp.access import (
    Actor,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    check_version,
    fetch,
    log_as,
    log_detail,
    now,
    remember_result,
    session,
)
from caseapp.consent import open_case, open_own
from caseapp.consent.models import Consent
from caseapp.consent.opening import ALL_TYPES
from caseapp.db import Unreadable, Withheld, glance

from .content import CleanDocument
from .keeping import bytes_kept, content_of, forget, keep
from .models import Document
from .rules import CONSENT, why_no_room, why_not_remove

#: A plan and a measure have rows of their own, but a paper may be about anything.
DOCUMENT_TYPES: Collection[str] = ALL_TYPES


class DocumentProblem(Exception):
    """It cannot be attached as asked. `code`: case_full, or unknown_consent where the consent is no consent of the case."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class OpenedDocument:
    """A document's content; Unreadable where it is not what was kept."""

    media: str
    content: bytes | Unreadable


@action
def add_document(
    actor: Actor,
    case_id: str,
    clean: CleanDocument,
    *,
    kind: str,
    information_type: str,
    title: str,
    consent_id: str = "",
    most_in_case: int,
    once: str | None = None,
) -> str:
    """Attach a document and give its id. It belongs to the agency of whoever attaches it. Raises DocumentProblem.

    `most_in_case`: how many bytes all documents of the case may take.
    """
    gate = allow(actor, Permission.WRITE_DOCUMENT, on=case_id, once=once)
    if information_type not in DOCUMENT_TYPES:
        raise ValueError(f"{information_type!r} is not a type for documents")
    if kind == CONSENT and not _is_consent_of(case_id, consent_id):
        raise DocumentProblem("unknown_consent")
    refusal = why_no_room(len(clean.content), bytes_kept(case_id), most_in_case)
    if refusal is not None:
        raise DocumentProblem(refusal)
    open_own(actor, gate, information_type)
    document = Document(
        case_id=case_id,
        owner_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        information_type=information_type,
        title=title,
    )
    document.answers = {
        "kind": kind,
        "media": clean.media,
        "length": len(clean.content),
        "pieces": keep(document, clean.content),
        "consent": consent_id if kind == CONSENT else "",
    }
    session().add(document)
    log_detail(document=document.id)
    remember_result(once, document.id)
    return document.id


def _is_consent_of(case_id: str, consent_id: str) -> bool:
    return any(consent.id == consent_id for consent in glance(Consent, select(Consent).where(Consent.case_id == case_id)))


@action
def open_document(actor: Actor, case_id: str, document_id: str) -> OpenedDocument:
    """The content of a document. Raises Refused with the reason where it is withheld, NotFound where it is not, or no more."""
    gate = allow(actor, Permission.READ_DOCUMENT, on=case_id)
    document = fetch(Document, document_id, case_id=case_id)
    log_detail(document=document.id)
    open_case(actor, gate, types=(document.information_type,))
    answers = document.answers
    if isinstance(answers, Withheld):
        raise Refused(answers.reason, Permission.READ_DOCUMENT, case_id)
    if isinstance(answers, Unreadable):
        return OpenedDocument("", Unreadable())
    if document.removed_at is not None:
        raise NotFound("not_found", Permission.READ_DOCUMENT, case_id)
    return OpenedDocument(answers["media"], content_of(document, answers["pieces"], answers["length"]))


@action
def remove_document(
    actor: Actor, case_id: str, document_id: str, *, reason: str, version: int | None = None, once: str | None = None
) -> None:
    """Take a document of the own agency away: its content and title are destroyed, that it was there stays, with the reason."""
    gate = allow(actor, Permission.WRITE_DOCUMENT, on=case_id, once=once)
    log_as("delete")
    document = fetch(Document, document_id, case_id=case_id)
    refusal = why_not_remove(actor.agency_id, document.owner_agency_id, document.removed_at is not None)
    if refusal is not None:
        raise NotFound(refusal, Permission.WRITE_DOCUMENT, case_id)
    check_version(document, version)
    open_own(actor, gate, document.information_type)
    kind = document.answers["kind"] if isinstance(document.answers, dict) else ""
    document.answers, document.title, document.removal_reason = {"kind": kind}, "", reason
    document.removed_at, document.removed_by_id = now(), actor.user_id
    forget(document)
    log_detail(document=document.id)

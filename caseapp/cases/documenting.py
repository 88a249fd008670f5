"""Documents as a page of a case: which there are, who can read which, and which consents a signed paper can belong to."""

from dataclasses import dataclass

from caseapp.access import Actor, Permission, action, allow, log_as, observe
from caseapp.accounts import office
from caseapp.consent import open_case
from caseapp.consent.reading import ConsentCard, consents_of
from caseapp.documents.actions import DOCUMENT_TYPES
from caseapp.documents.reading import DocumentCard, documents_of

from .notes import readers_by_type
from .reading import CaseBar, case_bar


@dataclass(frozen=True)
class DocumentsPage:
    """The documents of a case, and for the form: information type → names of the agencies that can read it if this person attaches it."""

    bar: CaseBar
    documents: tuple[DocumentCard, ...]
    consents: tuple[ConsentCard, ...]
    readers: dict[str, tuple[str, ...]]
    may_write: bool
    agency_id: str

    def document(self, document_id: str) -> DocumentCard | None:
        """The document with this id."""
        return next((one for one in self.documents if one.id == document_id), None)


@action
def read_documents(actor: Actor, case_id: str, *, to: Permission = Permission.READ_DOCUMENT) -> DocumentsPage:
    """What there is, the newest first; no content. `to`: what they want to do with it."""
    gate = allow(actor, to, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    register = office()
    return DocumentsPage(
        bar=case_bar(gate, opening),
        documents=documents_of(case_id, register),
        consents=consents_of(case_id),
        readers=readers_by_type(actor, gate, opening, register, DOCUMENT_TYPES),
        may_write=observe(actor, Permission.WRITE_DOCUMENT, case_id),
        agency_id=actor.agency_id,
    )

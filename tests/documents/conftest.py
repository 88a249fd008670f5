"""The case of a team, somebody who attaches documents to it, and somebody who can write to the databases."""

from collections.abc import Callable, Iterator

import pytest

from caseapp.access import Actor
from caseapp.documents.actions import add_document
from caseapp.documents.content import CleanDocument
from tests.attacks.attacker import Attacker
from tests.installations import Installation
from tests.shared_case import case_id  # noqa: F401 - a fixture

MOST = 100_000_000
Attach = Callable[..., str]


@pytest.fixture
def attach(actor: Callable[[str], Actor], case_id: str) -> Attach:  # noqa: F811
    """Called with a content: attached to the case by Karin, unless another login is named; the document's id."""

    def attached(content: bytes = b"%PDF", *, by: str = "karin", media: str = "pdf", most: int = MOST, **told: str) -> str:
        said = {"kind": "letter", "information_type": "assessment", "title": "Brev från skolan", **told}
        return add_document(actor(by), case_id, CleanDocument(media, content), most_in_case=most, **said)

    return attached


@pytest.fixture
def attacker(installation: Installation) -> Iterator[Attacker]:
    """Somebody with the database's password and no key."""
    somebody = Attacker(installation)
    yield somebody
    somebody.leave()

"""The rows of the consents of some cases, to be read only. Those of a single case are read once in a piece of work."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from caseapp.db import CaseRow, glance, once_for

from .models import Consent, ConsentScope, ConsentSignature, DisclosureDecision

Found = TypeVar("Found", bound=CaseRow)


def consents_in(case_ids: Sequence[str]) -> list[Consent]:
    """Every consent of these cases, the newest first."""

    def read() -> list[Consent]:
        rows = sorted(glance(Consent, select(Consent).where(Consent.case_id.in_(case_ids))), key=lambda row: row.id)
        return sorted(rows, key=lambda row: row.created_at, reverse=True)

    return once_for("consents", case_ids, read)


def scopes_of(consents: Sequence[Consent]) -> Mapping[str, list[ConsentScope]]:
    """By consent id what each of these covers, or covered."""
    return once_for("scopes", _cases(consents), lambda: by_consent(_belonging(ConsentScope, consents)))


def signatures_of(consents: Sequence[Consent]) -> Mapping[str, list[ConsentSignature]]:
    """By consent id the signatures of each of these, in the order in which people are asked."""

    def read() -> Mapping[str, list[ConsentSignature]]:
        return by_consent(sorted(_belonging(ConsentSignature, consents), key=lambda row: (row.place, row.id)))

    return once_for("signatures", _cases(consents), read)


def disclosures_in(case_ids: Sequence[str]) -> list[DisclosureDecision]:
    """Every decision to disclose in these cases."""
    query = select(DisclosureDecision).where(DisclosureDecision.case_id.in_(case_ids))
    return once_for("disclosures", case_ids, lambda: list(glance(DisclosureDecision, query)))


def _cases(consents: Sequence[Consent]) -> list[str]:
    return list({consent.case_id for consent in consents})


def _belonging(model: type[Found], consents: Sequence[Consent]) -> Iterable[Found]:
    """By the consent they belong to, as what they decide is decided: not by the case that is written on them."""
    ids = [consent.id for consent in consents]
    column: Any = model.consent_id  # type: ignore[attr-defined]
    return glance(model, select(model).where(column.in_(ids))) if ids else ()


def by_consent(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    """These rows by the id of the consent they belong to."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.consent_id, []).append(row)
    return found

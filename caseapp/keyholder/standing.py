"""How the keys stand: how old, how many, what lingers. Numbers only; no key is unwrapped for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from .tables import case_key, case_rotation, earlier_case_key, installation, master_version, purpose_key


@dataclass(frozen=True)
class MasterVersion:
    """One version of the master key, and how many keys are wrapped by it. `made_at` is None where nobody noted it."""

    version: int
    made_at: datetime | None
    is_current: bool
    purpose_keys: int
    case_keys: int
    earlier_case_keys: int


@dataclass(frozen=True)
class KeyStanding:
    """All of it. `cases_with_earlier_keys`: cases of which values may still be sealed under a key that was replaced."""

    provider: str
    versions: tuple[MasterVersion, ...]
    cases: int
    cases_with_earlier_keys: int
    rotation_since: datetime | None


def standing(connection: Connection, provider: str, held: Sequence[int], current: int) -> KeyStanding:
    """How the keys of this key store stand; `held` are the versions the provider has."""
    counts: list[dict[int, int]] = [
        {row[0]: row[1] for row in connection.execute(query)}
        for query in (
            select(purpose_key.c.master_version, func.count()).group_by(purpose_key.c.master_version),
            select(case_key.c.master_version, func.count()).where(case_key.c.wrapped.is_not(None)).group_by(case_key.c.master_version),
            select(earlier_case_key.c.master_version, func.count()).group_by(earlier_case_key.c.master_version),
        )
    ]
    made = {1: connection.execute(select(installation.c.created_at)).scalar_one_or_none()}
    made |= {row.version: row.made_at for row in connection.execute(select(master_version))}
    versions = tuple(
        MasterVersion(version, _moment(made.get(version)), version == current, *(count.get(version, 0) for count in counts))
        for version in sorted({*held, *(version for count in counts for version in count)})
    )
    lingering = connection.execute(select(func.count(earlier_case_key.c.case_id.distinct()))).scalar_one()
    since = connection.execute(select(func.max(case_rotation.c.started_at)).where(case_rotation.c.finished_at.is_(None))).scalar_one()
    return KeyStanding(provider, versions, sum(counts[1].values()), lingering, _moment(since))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None

"""New keys for the cases: which rotation is going on, which cases it has still to reach, and when an earlier key may go.

A case's key moves among the earlier ones and a new one takes its place in one transaction: from then on values are sealed with the new
key and opened with it or, failing that, with an earlier one. Sealing the values anew is done elsewhere, by those who see rows; here it
is only promised that no earlier key is lost before somebody says that nothing is sealed under it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, insert, select, update

from caseapp.crypto import new_key

from .tables import case_key, case_rotation, earlier_case_key
from .wrapping import Wrapping

_BATCH = 500


class CaseRotation:
    """The steps that concern keys, in the order in which they are taken."""

    def __init__(self, wrapping: Wrapping) -> None:
        self._wrapping = wrapping

    def begin(self, at: datetime) -> bool:
        """Note that every case made before `at` gets a new key; False if a rotation that was begun earlier is to be finished first."""
        with self._wrapping.writing(alone=True) as connection:
            going_on = connection.execute(select(case_rotation.c.started_at).where(case_rotation.c.finished_at.is_(None))).first()
            if going_on is None:
                connection.execute(insert(case_rotation).values(started_at=at.isoformat()))
        return going_on is None

    def remaining(self) -> int:
        """How many cases have still to get their new key."""
        with self._wrapping.engine.connect().execution_options(reading=True) as connection:
            return connection.execute(select(func.count()).select_from(case_key).where(self._old())).scalar_one()

    def renew_batch(self, at: datetime) -> int:
        """Give some cases a new key each, made `at`, and keep what they had among the earlier ones; how many."""
        with self._wrapping.writing() as connection:
            started = connection.execute(select(self._started())).scalar_one()
            made = max(at.isoformat(), started or "")  # a clock that was put back must not make a key that looks old at once
            query = select(case_key.c.case_id, case_key.c.created_at, case_key.c.master_version, case_key.c.wrapped)
            rows = connection.execute(query.where(self._old()).order_by(case_key.c.case_id).limit(_BATCH).with_for_update()).all()
            for case_id, made_at, version, wrapped in rows:
                kept = {"case_id": case_id, "made_at": made_at, "master_version": version, "wrapped": wrapped}
                connection.execute(insert(earlier_case_key).values(kept))
                anew = self._wrapping.wrap(new_key(), "case", case_id)
                connection.execute(update(case_key).where(case_key.c.case_id == case_id).values(created_at=made, **anew))
        return len(rows)

    def cases_with_earlier_keys(self) -> list[str]:
        """Their ids, in order."""
        with self._wrapping.engine.connect().execution_options(reading=True) as connection:
            query = select(earlier_case_key.c.case_id).distinct().order_by(earlier_case_key.c.case_id)
            return list(connection.scalars(query))

    def destroy_earlier(self, case_ids: Sequence[str]) -> None:
        """Destroy the earlier keys of these cases for good. The caller has made sure that nothing is sealed under them."""
        with self._wrapping.writing() as connection:
            for start in range(0, len(case_ids), _BATCH):
                chosen = case_ids[start : start + _BATCH]
                connection.execute(delete(earlier_case_key).where(earlier_case_key.c.case_id.in_(chosen)))

    def finish(self, at: datetime) -> None:
        """Note that the rotation is over, and empty the store's files of the keys that were destroyed."""
        with self._wrapping.writing() as connection:
            connection.execute(update(case_rotation).where(case_rotation.c.finished_at.is_(None)).values(finished_at=at.isoformat()))
        self._wrapping.forget_earlier_pages()

    def _old(self) -> ColumnElement[bool]:
        return (case_key.c.created_at < self._started()) & case_key.c.wrapped.is_not(None)

    def _started(self) -> ScalarSelect[str]:
        return select(func.min(case_rotation.c.started_at)).where(case_rotation.c.finished_at.is_(None)).scalar_subquery()

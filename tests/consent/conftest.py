"""The fixtures of this room: a small installation to prove the ground on, and the case of a team."""

from tests.ground import ground  # noqa: F401 - fixtures
from tests.shared_case import case_id  # noqa: F401 - a fixture

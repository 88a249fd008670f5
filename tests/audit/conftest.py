"""The fixtures of this room."""

from tests.ground import ground, ground_on_sqlite  # noqa: F401 - fixtures
from tests.shared_case import case_id  # noqa: F401 - a fixture

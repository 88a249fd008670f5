"""The fixtures of this room."""

from tests.ground import ground, ground_on_sqlite  # noqa: F401 - fixtures

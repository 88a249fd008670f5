"""The shape of the database, by numbered migrations in `migrations/versions`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

_HOME = Path(__file__).resolve().parents[2] / "migrations"


def _alembic(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HOME))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to this revision."""
    command.upgrade(_alembic(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to this revision."""
    command.downgrade(_alembic(engine), revision)


def revisions() -> frozenset[str]:
    """Every revision this version of the program knows."""
    return frozenset(revision.revision for revision in ScriptDirectory(str(_HOME)).walk_revisions())


def newest_revision() -> str:
    """The revision a database has when it is up to date."""
    return str(ScriptDirectory(str(_HOME)).get_current_head())

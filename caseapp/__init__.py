"""caseapp: follow-up of joint work around young people in SIG and SSPF teams.

`create_app` joins the rooms: settings, keys and database, the web, the commands. It refuses to start when a key is missing
or wrong, and when a web address declares neither a permission nor that it is public.
"""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask

import config as settings


class UndeclaredEndpoint(RuntimeError):
    """A web address says neither which permission it needs nor that it is public; the application does not start."""


def create_app(environment: Mapping[str, str] | None = None, *, connected: bool = True) -> Flask:
    """The application for these settings (`os.environ` if none are given).

    Raises ConfigurationError for settings that cannot be used, KeyringError or KeyRefused for a missing or wrong key (nothing is
    changed then), UndeclaredEndpoint for an address that declares nothing. Where nothing is installed yet the application
    exists for the sake of its commands (`init`), and answers every request with 503; so it does where it is not to be `connected`,
    which is for the one command that makes a lost key file again.
    """
    from caseapp import cli, web
    from caseapp.installation import connect

    chosen = settings.load(environment)
    app = Flask("caseapp", root_path=str(Path(__file__).parent))
    app.extensions["caseapp.config"] = chosen
    app.extensions["caseapp.database"] = connect(chosen) if connected else None
    web.register(app)
    cli.register(app)
    refuse_undeclared(app)
    return app


def refuse_undeclared(app: Flask) -> None:
    """Raise UndeclaredEndpoint if any address of the URL map declares nothing."""
    from caseapp.access import undeclared

    missing = undeclared(app)
    if missing:
        raise UndeclaredEndpoint("declare @needs(…) or @public on: " + ", ".join(missing))

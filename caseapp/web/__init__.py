"""The web: what every page has in common. Answers in Swedish or English, headers, errors, menus; no decision of its own.

`register` puts the rooms' blueprints on the application. What a page shows comes from actions; what a visitor may do is
decided there. Here it is only routed: who is not signed in is sent to sign in, what was typed is kept.
"""

import uuid
from typing import Any

from flask import Flask, g
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from caseapp.access import declare_static

from . import entrance, errors, headers, page
from .rooms import BLUEPRINTS
from .uploads import RequestInMemory


def register(app: Flask) -> None:
    """Everything the web needs, on this application."""
    chosen = app.extensions["caseapp.config"]
    database = app.extensions["caseapp.database"]
    app.config.update(
        MAX_CONTENT_LENGTH=chosen.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=chosen.max_body_bytes,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=list(chosen.allowed_hosts),
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session; expiring earlier only loses typed text
        WTF_CSRF_SSL_STRICT=False,  # compares a Referer that our own Referrer-Policy suppresses
        BABEL_DEFAULT_LOCALE="sv",
        BABEL_DEFAULT_TIMEZONE="Europe/Stockholm",
    )
    app.request_class = RequestInMemory
    app.secret_key = database.keyholder.web_secret() if database else uuid.uuid4().hex
    if chosen.trusted_proxies:
        count = chosen.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]

    @app.before_request
    def _begin() -> Any:
        g.request_id = str(uuid.uuid4())
        if database is None:
            return errors.not_installed()
        database.bind()
        return None

    headers.register(app)
    page.register(app)
    errors.register(app)
    Bootstrap5(app)
    CSRFProtect(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    declare_static(app)
    entrance.register(app)



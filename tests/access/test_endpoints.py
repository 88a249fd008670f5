"""A web address that declares nothing stops the start; what it declares can be asked."""

import pytest
from flask import Blueprint, Flask

from caseapp import UndeclaredEndpoint, refuse_undeclared
from caseapp.access import Permission, declare_static, needs, permission_of, public, undeclared


@needs(Permission.READ_CASE)
def declared():
    return "declared"


@public
def open_to_all():
    return "open"


def forgotten():
    return "forgotten"


def application(*views, static_folder=None) -> Flask:
    app = Flask("declared", static_folder=static_folder)
    for number, view in enumerate(views):
        app.add_url_rule(f"/{number}", view.__name__, view)
    return app


def test_an_application_whose_every_address_declares_something_starts():
    refuse_undeclared(application(declared, open_to_all))


def test_one_forgotten_address_stops_the_start_and_is_named():
    with pytest.raises(UndeclaredEndpoint, match="forgotten /1"):
        refuse_undeclared(application(declared, forgotten, open_to_all))


def test_forgotten_addresses_of_every_kind_are_found():
    app = application(forgotten)
    blueprint = Blueprint("room", __name__)
    blueprint.add_url_rule("/room", "page", forgotten, methods=["POST"])
    app.register_blueprint(blueprint)
    app.add_url_rule("/nothing", "nothing")  # an address without any view
    assert undeclared(app) == ["forgotten /0", "nothing /nothing", "room.page /room"]


def test_flasks_own_files_are_undeclared_until_the_program_declares_them():
    app = application(declared, static_folder="static")
    assert undeclared(app) == ["static /static/<path:filename>"]
    declare_static(app)
    assert undeclared(app) == []


def test_declaring_files_declares_no_page():
    app = application(declared, forgotten)
    declare_static(app)
    assert undeclared(app) == ["forgotten /1"]


def test_what_was_declared_can_be_asked():
    assert permission_of(declared) is Permission.READ_CASE
    assert permission_of(open_to_all) is None
    for nothing in (forgotten, None):
        with pytest.raises(LookupError):
            permission_of(nothing)


def test_the_real_application_refuses_an_address_added_without_a_declaration(empty_app):
    refuse_undeclared(empty_app)
    empty_app.view_functions["forgotten"] = forgotten
    empty_app.url_map.add(empty_app.url_rule_class("/forgotten", endpoint="forgotten"))
    with pytest.raises(UndeclaredEndpoint, match="forgotten"):
        refuse_undeclared(empty_app)

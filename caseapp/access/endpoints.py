"""What a web address declares: the permission it needs, or that it is public. One that declares nothing stops the start."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask

from .rules import Permission

View = TypeVar("View", bound=Callable[..., Any])
_PUBLIC = "public"


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare that the view's action asks for this permission. The action asks; the declaration routes the visitor to sign in."""

    def declare(view: View) -> View:
        view.declared = permission  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare that the view shows nothing about anybody and needs no sign-in."""
    view.declared = _PUBLIC  # type: ignore[attr-defined]
    return view


def permission_of(view: Callable[..., Any] | None) -> Permission | None:
    """The declared permission, None for a public view. Raises LookupError where nothing is declared."""
    declared = getattr(view, "declared", None)
    if declared is None:
        raise LookupError("this view declares neither a permission nor that it is public")
    return None if declared == _PUBLIC else Permission(declared)


def undeclared(app: Flask) -> list[str]:
    """The endpoints of the URL map whose view declares nothing, as "endpoint rule"."""
    missing = []
    for rule in app.url_map.iter_rules():
        try:
            permission_of(app.view_functions[rule.endpoint])
        except LookupError:
            missing.append(f"{rule.endpoint} {rule.rule}")
    return sorted(missing)


def declare_static(app: Flask) -> None:
    """Declare the endpoints that serve the program's own files (Flask's and Bootstrap's) as public."""
    for endpoint, view in app.view_functions.items():
        if endpoint == "static" or endpoint.endswith(".static"):

            @wraps(view)
            def served(*args: Any, _view: Callable[..., Any] = view, **kwargs: Any) -> Any:
                return _view(*args, **kwargs)

            app.view_functions[endpoint] = public(served)

"""What a web address declares: the permission it needs, or that it is public; one that declares nothing stops the start.

A view whose form is about a case declares its drafts in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class DraftOf:
    """What a view's form declares of its drafts: what is written there in words, and the compartment that it is written in.

    `owner`: "own" for the writer's agency, "home" for the case's; `kind`: the information type, "" where any of the own agency's.
    """

    words: Any
    owner: str
    kind: str


def keeps_draft(words: Any, *, owner: str = "own", kind: str = "") -> Callable[[View], View]:
    """Declare that what is typed in the view's form about a case is kept as a draft until it is saved (see the room drafts)."""

    def declare(view: View) -> View:
        view.draft = DraftOf(words, owner, kind)  # type: ignore[attr-defined]
        return view

    return declare


def draft_of(view: Callable[..., Any] | None) -> DraftOf | None:
    """What the view declares of its drafts; None for one that keeps none."""
    declared = getattr(view, "draft", None)
    return declared if isinstance(declared, DraftOf) else None


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

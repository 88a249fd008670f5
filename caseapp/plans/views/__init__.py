"""The pages of the joint plan, a file for each idea; importing this package puts all of them on the blueprint.

A view asks an action and shows what it gave. A form that cannot be saved comes back with what was typed.
"""

from . import plan, versions
from .plan import blueprint

__all__ = ["blueprint", "plan", "versions"]

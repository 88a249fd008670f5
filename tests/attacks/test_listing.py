"""`pytest tests/attacks -v` reads as the list of attacks: each says in its docstring what is tried and what must happen."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ATTACKS = {
    f"{path.stem}.{node.name}": ast.get_docstring(node) or ""
    for path in sorted(HERE.glob("test_*.py"))
    if path != Path(__file__)
    for node in ast.parse(path.read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_says_what_is_tried_and_what_must_happen(attack: str) -> None:
    assert re.fullmatch(r"Tries: \S.*[^ ]\. Must: \S.*\.", ATTACKS[attack], re.DOTALL), ATTACKS[attack]


def test_the_list_is_as_long_as_it_was() -> None:
    assert len(ATTACKS) >= 60  # an attack that disappears from the list is missed

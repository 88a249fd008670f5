"""What the tests of `scripts/verify-release` share: asking it, and changing a bundle as somebody would who forges the hashes along."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

VERIFIER = Path(__file__).parents[2] / "scripts" / "verify-release"
SEEDS = (3, 11, 29)


def verify(*bundles: Path) -> tuple[int, str]:
    """Exit code and what was printed; -I: nothing of this repository can be imported."""
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), *map(str, bundles)], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def change(folder: Path, name: str, how: Callable[[bytes], bytes]) -> None:
    """Change a file, and forge the hash of it."""
    path, about = folder / name, json.loads((folder / "release.json").read_bytes())
    path.write_bytes(how(path.read_bytes()))
    about["sha256"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "release.json").write_text(json.dumps(about))


def forge(folder: Path, how: Callable[[dict], object], name: str = "certificate.json") -> None:
    def rewrite(content: bytes) -> bytes:
        stored = json.loads(content)
        how(stored)
        return json.dumps(stored).encode()

    change(folder, name, rewrite)

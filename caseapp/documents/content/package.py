"""A package of parts (Office Open XML): read within bounds, each part once, no entity resolved, nothing fetched.

Source: ECMA-376 part 2. A package says little of how large it is in truth: what is counted here are the bytes that came out of it.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from types import TracebackType
from typing import Any

from lxml import etree

from . import Unacceptable

_MOST_PARTS = 2000
_MOST_BYTES_OF_A_PART = 24 * 1024 * 1024
_MOST_BYTES = 64 * 1024 * 1024
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_IS_LOCKED = 0x1


@dataclass(frozen=True)
class Reference:
    """What a part refers to: `kind` is the last word of the relation's type, `target` a part, or an address outside."""

    id: str
    kind: str
    target: str
    is_outside: bool


def read_part(content: bytes) -> Any:
    """The root element of a part. Raises XMLSyntaxError, and Unacceptable for one that declares types or entities of its own."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unacceptable("broken")
    return root


def write_part(root: Any) -> bytes:
    """The element as a part."""
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


class Package:
    """A package that is read. Raises Unacceptable for one that is locked, or larger than any letter."""

    def __init__(self, content: bytes) -> None:
        self._archive = zipfile.ZipFile(BytesIO(content))
        entries = [entry for entry in self._archive.infolist() if not entry.is_dir()]
        self._left = _MOST_BYTES
        self._entries = {entry.filename: entry for entry in entries}
        if len(entries) > _MOST_PARTS:
            raise Unacceptable("too_complex")
        if any(entry.flag_bits & _IS_LOCKED for entry in entries):
            raise Unacceptable("encrypted")
        if len(self._entries) != len(entries) or any(entry.compress_type not in _PACKED for entry in entries):
            raise Unacceptable("broken")

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._archive.close()

    @property
    def names(self) -> set[str]:
        """The names of the parts."""
        return set(self._entries)

    def content(self, part: str) -> bytes:
        """The bytes of a part. Raises KeyError where there is none."""
        most = min(_MOST_BYTES_OF_A_PART, self._left)
        with self._archive.open(self._entries[part]) as opened:
            content = opened.read(most + 1)
        if len(content) > most:
            raise Unacceptable("too_complex")
        self._left -= len(content)
        return content

    def tree(self, part: str) -> Any:
        """The root element of a part."""
        return read_part(self.content(part))

    def relations(self, part: str) -> Iterator[Reference]:
        """What the part refers to; "" is the package itself."""
        directory, _slash, file = part.rpartition("/")
        beside = posixpath.join(directory, "_rels", f"{file}.rels")
        if beside not in self._entries:
            return
        for one in self.tree(beside):
            target, is_outside = one.get("Target", ""), one.get("TargetMode") == "External"
            resolved = target if is_outside else posixpath.normpath(posixpath.join("/", directory, target)).lstrip("/")
            yield Reference(one.get("Id", ""), one.get("Type", "").rpartition("/")[2], resolved, is_outside)


def content_type(read: Package, part: str) -> str:
    """What the package says that this part is; "" where it says nothing."""
    for one in read.tree("[Content_Types].xml"):
        if one.get("PartName", "").lstrip("/") == part:
            return str(one.get("ContentType", ""))
    return ""

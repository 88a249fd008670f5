"""A Word document (docx): its text, tables, pictures and looks, in a new package.

Kept are the parts that Word needs to show the text, found by following the document's own references and named anew; each part is parsed
and what tells of people, programs and places is taken out: properties, who wrote, commented or changed what and when, traces of editing,
links to the outside, macros. A field (page number, date) becomes the text it showed when the document was saved, which is what a record
should show. What cannot be kept whole is refused: a document must not lose a diagram without anybody noticing.

Source: ECMA-376 part 1 (WordprocessingML) and part 2 (packages).
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from . import MOST_PIXELS, Unacceptable
from .package import Package, content_type, write_part
from .pictures import clean_picture
from .wording import clean_part

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PREFIX = "application/vnd.openxmlformats-officedocument.wordprocessingml."
#: A relation's last word → the content type of the part it leads to.
_KEPT = {
    "styles": _PREFIX + "styles+xml",
    "numbering": _PREFIX + "numbering+xml",
    "settings": _PREFIX + "settings+xml",
    "fontTable": _PREFIX + "fontTable+xml",
    "footnotes": _PREFIX + "footnotes+xml",
    "endnotes": _PREFIX + "endnotes+xml",
    "header": _PREFIX + "header+xml",
    "footer": _PREFIX + "footer+xml",
    "comments": _PREFIX + "comments+xml",
    "theme": "application/vnd.openxmlformats-officedocument.theme+xml",
}
#: Relations that nothing in the text hangs on.
_LEFT_OUT = {
    "customXml", "webSettings", "glossaryDocument", "stylesWithEffects", "font", "people", "commentsExtended", "commentsIds",
    "commentsExtensible", "attachedTemplate", "printerSettings", "keyMapCustomizations", "recipientData", "mailMergeSource",
    "documenttasks", "customXmlProps", "classificationlabels", "wordAttachedToolbars", "hyperlink", "thumbnail",
}  # fmt: skip
_MACROS = {"vbaProject", "wordVbaData", "control", "activeXControlBinary", "attachedToolbars"}
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TRANSITIONAL = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}document"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class _Relation:
    id: str
    kind: str
    target: str


class _Rebuilding:
    """One package on its way into another. `made`: new name → bytes; `relations`: new name → what the part refers to."""

    def __init__(self, read: Package) -> None:
        self.read = read
        self.made: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.relations: dict[str, list[_Relation]] = {}
        self._names: dict[str, str] = {}

    def take(self, part: str, kind: str) -> str:
        """Take this part and what it refers to; its new name."""
        if part in self._names:
            return self._names[part]
        name = "word/document.xml" if kind == "document" else f"word/{kind}{len(self.made) + 1}.xml"
        self._names[part] = name
        self.types[name] = _MAIN if kind == "document" else _KEPT[kind]
        self.made[name] = b""
        kept, gone = self._follow(part)
        self.relations[name] = kept
        root = self.read.tree(part)
        if kind == "document" and root.tag != _TRANSITIONAL:
            raise Unacceptable("foreign_parts")  # the strict form, which few programs write and fewer read
        self.made[name] = clean_part(root, gone, is_settings=kind == "settings")
        return name

    def _take_picture(self, part: str) -> str:
        if part not in self._names:
            media, content = clean_picture(self.read.content(part), most_pixels=MOST_PIXELS)
            self._names[part] = f"word/media/image{len(self.made) + 1}.{media}"
            self.made[self._names[part]] = content
        return self._names[part]

    def _follow(self, part: str) -> tuple[list[_Relation], set[str]]:
        """(what is kept of the part's relations, the ids of those that are gone)."""
        kept, gone = [], set()
        for relation in self.read.relations(part):
            kind = relation.kind
            if kind in _MACROS:
                raise Unacceptable("macros")
            if relation.is_outside or kind in _LEFT_OUT:
                gone.add(relation.id)
            elif kind == "image":
                kept.append(_Relation(relation.id, kind, self._take_picture(relation.target)))
            elif kind in _KEPT:
                kept.append(_Relation(relation.id, kind, self.take(relation.target, kind)))
            else:
                raise Unacceptable("foreign_parts")
        return kept, gone


def clean_word(content: bytes) -> bytes:
    """The document in a new package. Raises Unacceptable."""
    try:
        with Package(content) as read:
            rebuilding = _Rebuilding(read)
            rebuilding.take(_main_part(read), "document")
            return _written(rebuilding)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise Unacceptable("broken") from None


def _main_part(read: Package) -> str:
    main = next((relation.target for relation in read.relations("") if relation.kind == "officeDocument" and not relation.is_outside), None)
    if main is None or main not in read.names:
        raise Unacceptable("unknown_sort")
    found: str = content_type(read, main)
    if "macroEnabled" in found or any(name.lower().endswith("vbaproject.bin") for name in read.names):
        raise Unacceptable("macros")
    if found != _MAIN:
        raise Unacceptable("unknown_sort")
    return main


def _written(rebuilding: _Rebuilding) -> bytes:
    parts: Mapping[str, bytes] = {
        "[Content_Types].xml": _types(rebuilding.types),
        "_rels/.rels": _relations([_Relation("rId1", "officeDocument", "word/document.xml")]),
        **rebuilding.made,
        **{_beside(name): _relations(found) for name, found in rebuilding.relations.items() if found},
    }
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _beside(name: str) -> str:
    directory, _slash, file = name.rpartition("/")
    return f"{directory}/_rels/{file}.rels"


def _types(types: Mapping[str, str]) -> bytes:
    root = etree.Element("Types", nsmap={None: "http://schemas.openxmlformats.org/package/2006/content-types"})
    defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml"}
    for ending, kind in {**defaults, "jpeg": "image/jpeg", "png": "image/png"}.items():
        etree.SubElement(root, "Default", Extension=ending, ContentType=kind)
    for name, kind in types.items():
        etree.SubElement(root, "Override", PartName=f"/{name}", ContentType=kind)
    return write_part(root)


def _relations(found: list[_Relation]) -> bytes:
    root = etree.Element("Relationships", nsmap={None: _RELATIONS})
    for one in found:
        etree.SubElement(root, "Relationship", Id=one.id, Type=f"{_OFFICE}/{one.kind}", Target=f"/{one.target}")
    return write_part(root)

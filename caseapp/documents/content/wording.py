"""A part of a Word document as an element: what tells of people, editing and places outside is taken out, the text stays.

Source: ECMA-376 part 1, 17.13 (annotations), 17.15 (settings), 17.16 (fields and links).
"""

from collections.abc import Collection
from typing import Any

from .package import write_part

_REFERS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
#: Who did it, when, and in which sitting; the first two must be there, so they are overwritten.
_WHO = {"author", "initials"}
_WHEN = {"date", "dateUtc", "userId", "providerId", "ed", "edGrp"}
_NOBODY = "–"
#: Elements that run, fetch, or tie the document to something outside of it.
_TAKEN_OUT = {
    "instrText", "delInstrText", "dataBinding", "altChunk", "subDoc", "control", "permStart", "permEnd", "hlinkClick", "hlinkHover",
    "hlinkMouseOver", "attachedTemplate", "docVars", "mailMerge", "rsids", "rsid", "fldData",
    "embedRegular", "embedBold", "embedItalic", "embedBoldItalic",
}  # fmt: skip
#: Of the settings, what the looks depend on.
_SETTINGS = {
    "zoom", "defaultTabStop", "evenAndOddHeaders", "mirrorMargins", "gutterAtTop", "autoHyphenation", "hyphenationZone",
    "bordersDoNotSurroundHeader", "bordersDoNotSurroundFooter", "characterSpacingControl",
    "footnotePr", "endnotePr", "compat", "themeFontLang", "clrSchemeMapping",
    "decimalSymbol", "listSeparator", "noLineBreaksAfter", "noLineBreaksBefore",
}  # fmt: skip


def clean_part(root: Any, gone: Collection[str], *, is_settings: bool) -> bytes:
    """The part without what is taken out. `gone`: ids of relations it had and has no more."""
    if is_settings:
        for setting in [one for one in root if _name(one) not in _SETTINGS]:
            root.remove(setting)
    for element in list(root.iter()):
        if isinstance(element.tag, str):
            _clean_element(element, gone)
    return write_part(root)


def _clean_element(element: Any, gone: Collection[str]) -> None:
    name = _name(element)
    if name == "fldChar":
        _field_as_text(element)
    elif name == "fldSimple":
        _unwrap(element)
    elif name in _TAKEN_OUT:
        _take_out(element)
    else:
        _clean_attributes(element, name, gone)


def _clean_attributes(element: Any, name: str, gone: Collection[str]) -> None:
    for attribute, value in list(element.attrib.items()):
        namespace, _brace, word = attribute.rpartition("}")
        is_a_link = word == "href" or (namespace.lstrip("{") in _REFERS and value in gone)
        if is_a_link or word in _WHEN or word.startswith("rsid"):
            del element.attrib[attribute]
        elif word in _WHO:
            element.set(attribute, _NOBODY)
        elif word == "name" and name in ("cNvPr", "docPr"):  # the file's name where the picture came from
            element.set(attribute, "")


def _field_as_text(mark: Any) -> None:
    """A field's marks go, what it showed stays; a box that a form drew by its mark becomes a sign, a chosen line a text."""
    drawn = _drawn_by(mark)
    if drawn is None:
        _take_out(mark)
        return
    text = mark.makeelement(mark.tag.replace("fldChar", "t"))
    text.text = drawn
    mark.getparent().replace(mark, text)


def _drawn_by(mark: Any) -> str | None:
    for one in mark.iter():
        if _name(one) == "checkBox":
            states = {_name(child): child for child in one}
            state = states.get("checked", states.get("default"))
            is_checked = state is not None and _value(state) not in ("0", "false", "off")
            return "☒" if is_checked else "☐"
        if _name(one) == "ddList":
            lines = [_value(child) for child in one if _name(child) == "listEntry"]
            chosen = next((_value(child) for word in ("result", "default") for child in one if _name(child) == word), "0")
            return lines[int(chosen)] if chosen.isdigit() and int(chosen) < len(lines) else ""
    return None


def _value(element: Any) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == "val"), "")


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _take_out(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _unwrap(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    for child in reversed(list(element)):
        parent.insert(at, child)
    parent.remove(element)

"""A PDF: its pages as they look, in a new file.

Filled-in fields and notes are drawn onto the page they stand on. Then each page is copied with what draws it and nothing else, into a file
that has no catalogue of names, no actions, no scripts, no attachments, no bookmarks, no form and no information about itself; what is
left is searched once more for anything that acts, leads elsewhere or tells of itself. A photograph in it loses what its camera noted.
A PDF that needs a password, or that allows reading and forbids something else, is refused: it would have to be unlocked here.

Source: ISO 32000-2, 7.5 (structure), 7.11 (files), 12.5 and 12.6 (annotations, actions), 14.3 to 14.13 (what a document tells of itself).
"""

from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from . import Unacceptable
from .picture_notes import without_jpeg2000_notes, without_jpeg_notes

#: What draws a page. Inherited ones are put on the page when it is copied.
_OF_A_PAGE = {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group"}
#: Entries that act, lead elsewhere, carry files or tell how the document was made, in whatever they stand.
_TAKEN_AWAY = (
    "/A", "/AA", "/AF", "/Annots", "/B", "/Dests", "/EF", "/JS", "/JavaScript", "/LastModified", "/Metadata", "/Names", "/OPI",
    "/OpenAction", "/PA", "/Perms", "/PieceInfo", "/PtData", "/Measure", "/Ref", "/RichMediaContent", "/StructParent", "/StructParents",
    "/Thumb", "/UF", "/URI", "/URLS", "/XFA",
)  # fmt: skip
#: Dictionaries whose entries are named by whoever made the file: a font may be called A.
_CHOSEN_NAMES = {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/CharProcs", "/Colorants"}
#: A stream whose bytes lie in another file.
_ELSEWHERE = ("/F", "/FFilter", "/FDecodeParms")


def clean_pdf(content: bytes) -> bytes:
    """The pages in a new PDF. Raises Unacceptable."""
    try:
        with pikepdf.open(BytesIO(content)) as read:
            if read.is_encrypted:
                raise Unacceptable("encrypted")
            if not len(read.pages):
                raise Unacceptable("broken")
            _draw_onto_pages(read)
            with pikepdf.new() as made:
                _copy_pages(read, made)
                _take_away(made)
                return _written(made)
    except pikepdf.PasswordError:
        raise Unacceptable("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, IndexError):
        raise Unacceptable("broken") from None


def _draw_onto_pages(read: Pdf) -> None:
    form = read.Root.get("/AcroForm")
    if isinstance(form, Dictionary):
        if "/XFA" in form and read.Root.get("/NeedsRendering"):
            raise Unacceptable("living_form")  # its pages say "please wait": only the program that made it can draw them
        read.generate_appearance_streams()
    read.flatten_annotations("all")


def _copy_pages(read: Pdf, made: Pdf) -> None:
    for page in read.pages:
        for key in set(page.obj.keys()) - _OF_A_PAGE - {"/Parent"}:
            del page.obj[key]
        made.pages.append(page)
    layers = read.Root.get("/OCProperties")
    if isinstance(layers, Dictionary):  # which layers are hidden: without it all of them would show
        made.Root.OCProperties = made.copy_foreign(read.make_indirect(layers))


def _take_away(made: Pdf) -> None:
    """Go through everything that is reachable, and take away what is not for drawing."""
    waiting: list[tuple[Any, bool]] = [(page.obj, False) for page in made.pages] + [(made.Root.get("/OCProperties"), False)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        thing, has_chosen_names = waiting.pop()
        if not isinstance(thing, (Array, Dictionary, Stream)) or (thing.is_indirect and thing.objgen in seen):
            continue
        if thing.is_indirect:
            seen.add(thing.objgen)
        if isinstance(thing, Array):
            waiting += [(one, False) for one in thing]
            continue
        for key in () if has_chosen_names else _TAKEN_AWAY:
            if key in thing:
                del thing[key]
        waiting += [(thing[key], key in _CHOSEN_NAMES) for key in thing.keys()]  # noqa: SIM118 - iterating it gives its values
        if isinstance(thing, Stream):
            _clean_stream(thing)


def _clean_stream(stream: Stream) -> None:
    for key in _ELSEWHERE:
        if key in stream:
            del stream[key]
    kinds = {str(stream.get("/Subtype")), str(stream.get("/Subtype2"))}
    if "/PS" in kinds:
        stream.write(b"")  # a program for a printer
    elif "/Image" in kinds:
        _clean_image(stream)


def _clean_image(image: Stream) -> None:
    named = image.get("/Filter")
    filters = [str(one) for one in named] if isinstance(named, Array) else [str(named)]
    without = {"/DCTDecode": without_jpeg_notes, "/JPXDecode": without_jpeg2000_notes}.get(filters[-1])
    if without is None:
        return
    raw = bytes(image.get_raw_stream_buffer() if len(filters) == 1 else image.get_stream_buffer(pikepdf.StreamDecodeLevel.generalized))
    parameters = image.get("/DecodeParms")
    last = parameters[-1] if isinstance(parameters, Array) and len(parameters) else parameters
    image.write(without(raw), filter=Name(filters[-1]), decode_parms=last if isinstance(last, Dictionary) else None)


def _written(made: Pdf) -> bytes:
    written = BytesIO()
    made.save(
        written,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
    )
    return written.getvalue()

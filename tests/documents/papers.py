"""Files as people bring them, made while the test runs: pictures, PDFs, Word documents, and what is hidden in them.

Whatever a person would not know to be there is called `SECRET`, so that a test can look for it. Names and places are fictitious.
"""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, PngImagePlugin

SECRET = "Kamerastigen7b"
#: What the page of a PDF, or the text of a Word document, is about.
WORDS = "Hej Alva"
_ORIENTATION, _MAKER, _GPS = 0x0112, 0x010F, 0x8825
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
MAIN_TYPE = f"{_WORD_TYPE}.document.main+xml"


def picture(form: str, size: tuple[int, int] = (40, 30), **saved: Any) -> bytes:
    """A picture in this format, red with a blue upper left corner."""
    written, image = BytesIO(), Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1] // 2))
    image.save(written, form, **saved)
    return written.getvalue()


def noise(quality: int, side: int = 300) -> bytes:
    """A JPEG of noise, which takes more room the better it is kept."""
    to = BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(to, "JPEG", quality=quality)
    return to.getvalue()


def photograph(turned: int = 6) -> bytes:
    """A JPEG as a telephone makes it: where, by what and which way up; 6 means that it is to be turned a quarter to the right."""
    notes = Image.Exif()
    notes[_ORIENTATION], notes[_MAKER] = turned, SECRET
    notes[_GPS] = {1: "N", 2: (59.0, 51.0, 30.0), 3: "E", 4: (17.0, 38.0, 20.0)}
    return picture("JPEG", exif=notes, comment=SECRET.encode())


def screenshot() -> bytes:
    """A PNG with texts in it."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET)
    notes.add_itxt("Comment", SECRET)
    notes.add_text("Packed", SECRET, zip=True)
    return picture("PNG", pnginfo=notes)


def pdf(*, words: str = WORDS) -> pikepdf.Pdf:
    """A page with these words, to be added to; `written` gives its bytes."""
    made = pikepdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    made.add_blank_page(page_size=(300, 200))
    made.pages[0].Resources = Dictionary(Font=Dictionary(A=made.make_indirect(font)))  # a name that elsewhere is an action's
    made.pages[0].Contents = made.make_stream(f"BT /A 12 Tf 20 100 Td ({words}) Tj ET".encode())
    return made


def written(made: pikepdf.Pdf, **saved: Any) -> bytes:
    """The bytes of a PDF, its streams as they are, so that what is in them can be found."""
    to = BytesIO()
    made.save(to, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable, **saved)
    return to.getvalue()


def locked() -> pikepdf.Encryption:
    """A lock on a PDF that opens with a password."""
    return pikepdf.Encryption(owner="ägare", user="hemligt")


def laden_pdf() -> bytes:
    """A PDF with everything in it that is not for reading."""
    made = pdf()
    page, script = made.pages[0], Dictionary(S=Name.JavaScript, JS=f"app.alert('{SECRET}')")
    made.docinfo["/Author"] = SECRET
    with made.open_metadata() as notes:
        notes["dc:creator"] = [SECRET]
    made.attachments["hemligt.txt"] = SECRET.encode()
    made.Root.OpenAction = script
    made.Root.AA = Dictionary(WC=script)
    made.Root.Names.JavaScript = Dictionary(Names=Array(["start", script]))
    with made.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(SECRET, 0))
    page.obj.PieceInfo = Dictionary(Maker=Dictionary(Private=SECRET))
    page.obj.AA = Dictionary(O=script)
    page.obj.Metadata = made.make_stream(SECRET.encode())
    page.obj.Annots = made.make_indirect(
        Array(
            [
                _annotation(made, "Link", A=Dictionary(S=Name.URI, URI=f"https://exempel.se/{SECRET}")),
                _annotation(made, "Link", A=Dictionary(S=Name.Launch, F=SECRET)),
                _annotation(made, "Text", T=SECRET, Contents=SECRET),
                _annotation(made, "FileAttachment", FS=Dictionary(Type=Name.Filespec, F=SECRET)),
            ]
        )
    )
    image = pikepdf.Stream(made, photograph())
    image.update(Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=40, Height=30, ColorSpace=Name.DeviceRGB, BitsPerComponent=8))
    image.Filter = Name.DCTDecode
    image.Metadata = made.make_stream(SECRET.encode())
    page.obj.Resources.XObject = Dictionary(B=image)
    return written(made)


def _annotation(made: pikepdf.Pdf, kind: str, **more: Any) -> Any:
    return made.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([10, 10, 50, 50]), **more))


def filled_form() -> bytes:
    """A PDF with a field in which somebody has written "Ja, jag samtycker"."""
    made = pdf()
    drawn = made.make_stream(b"/Tx BMC BT /Helv 10 Tf 2 4 Td (Ja, jag samtycker) Tj ET EMC")
    drawn.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 20])))
    field = _annotation(made, "Widget", FT=Name.Tx, T=SECRET, V="Ja, jag samtycker", F=4, AP=Dictionary(N=drawn))
    made.pages[0].obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    return written(made)


# -- Word -------------------------------------------------------------------------------------------------------------


_DOCUMENT = f"""<w:document xmlns:w="{_W}" xmlns:r="{_R}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>
<w:p w:rsidR="00{SECRET}"><w:r><w:t>{WORDS}</w:t></w:r>
<w:ins w:id="1" w:author="{SECRET}" w:date="2026-01-01T00:00:00Z"><w:r><w:t>tillagt</w:t></w:r></w:ins>
<w:hyperlink r:id="rId2"><w:r><w:t>en länk</w:t></w:r></w:hyperlink></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDETEXT "https://exempel.se/{SECRET}"</w:instrText></w:r>
<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>fältets text</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="{SECRET}"/><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>
</w:r><w:fldSimple w:instr="AUTHOR"><w:r><w:t>sida 1</w:t></w:r></w:fldSimple></w:p>
<w:p><w:r><w:drawing><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="{SECRET}.jpg"/></pic:nvPicPr>
<pic:blipFill><a:blip r:embed="rId3"/></pic:blipFill></pic:pic></w:drawing></w:r></w:p>
</w:body></w:document>"""


def word_parts() -> dict[str, bytes]:
    """The parts of a Word document with everything in it that is not for reading, as name → content."""
    return {
        "[Content_Types].xml": _types({"/word/document.xml": MAIN_TYPE, "/word/comments.xml": f"{_WORD_TYPE}.comments+xml"}),
        "_rels/.rels": relations({"rId1": ("officeDocument", "word/document.xml", ""), "rId2": ("core", "docProps/core.xml", "")}),
        "docProps/core.xml": f"<author>{SECRET}</author>".encode(),
        "docProps/app.xml": f"<Company>{SECRET}</Company>".encode(),
        "customXml/item1.xml": f"<x>{SECRET}</x>".encode(),
        "word/document.xml": _DOCUMENT.encode(),
        "word/_rels/document.xml.rels": relations(
            {
                "rId2": ("hyperlink", f"https://exempel.se/{SECRET}", "External"),
                "rId3": ("image", f"media/{SECRET}.jpg", ""),
                "rId4": ("comments", "comments.xml", ""),
                "rId5": ("settings", "settings.xml", ""),
                "rId6": ("customXml", "../customXml/item1.xml", ""),
            }
        ),
        f"word/media/{SECRET}.jpg": photograph(),
        "word/comments.xml": (
            f'<w:comments xmlns:w="{_W}"><w:comment w:id="0" w:author="{SECRET}" w:initials="{SECRET}" w:date="2026-01-01T00:00:00Z">'
            "<w:p><w:r><w:t>en kommentar</w:t></w:r></w:p></w:comment></w:comments>"
        ).encode(),
        "word/settings.xml": (
            f'<w:settings xmlns:w="{_W}" xmlns:r="{_R}"><w:attachedTemplate r:id="rId1"/><w:rsids><w:rsid w:val="{SECRET}"/></w:rsids>'
            f'<w:docVars><w:docVar w:name="a" w:val="{SECRET}"/></w:docVars><w:defaultTabStop w:val="1304"/></w:settings>'
        ).encode(),
        "word/_rels/settings.xml.rels": relations({"rId1": ("attachedTemplate", f"https://exempel.se/{SECRET}.dotm", "External")}),
    }


def relations(found: Mapping[str, tuple[str, str, str]]) -> bytes:
    """A part of relations: id → (the last word of its type, target, mode)."""
    lines = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{kind}" Target="{target}"{f" TargetMode={mode!r}" if mode else ""}/>'
        for name, (kind, target, mode) in found.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'.encode()


def _types(overrides: Mapping[str, str]) -> bytes:
    lines = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    return f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'.encode()


def packed(parts: Mapping[str, bytes]) -> bytes:
    """These parts as one file."""
    to = BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return to.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of a package."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def word() -> bytes:
    """A Word document with everything in it that is not for reading."""
    return packed(word_parts())


# -- looking ----------------------------------------------------------------------------------------------------------


def everything_in(content: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them: parts of a package, streams and texts of a PDF."""
    yield content
    if zipfile.is_zipfile(BytesIO(content)):
        for name, part in unpacked(content).items():
            yield name.encode()
            yield part
    if content.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(content)) as read:
            yield written(read)
            for thing in read.objects:
                if isinstance(thing, pikepdf.Stream):
                    yield thing.read_raw_bytes()


def tells(content: bytes, text: str = SECRET) -> bool:
    """Whether this text is anywhere in it, in UTF-8 or UTF-16."""
    forms = (text.encode(), text.encode("utf-16-be"), text.encode("utf-16-le"))
    return any(form in part for part in everything_in(content) for form in forms)

"""What is left of a file: its words and pictures, and nothing that runs, leads elsewhere or tells where and by whom it was made."""

import zipfile
from io import BytesIO

import pikepdf
import pytest
from lxml import etree
from pikepdf import Dictionary, Name
from PIL import Image

from caseapp.documents.content import Unacceptable, cleaned, sort_of
from caseapp.documents.content.picture_notes import without_jpeg2000_notes, without_jpeg_notes
from tests.documents import papers
from tests.documents.papers import SECRET, WORDS, everything_in, tells


def refused(content: bytes) -> str:
    """Why it is not taken."""
    with pytest.raises(Unacceptable) as why:
        cleaned(content)
    return why.value.reason


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_a_photograph_loses_its_place_its_maker_and_its_comment_and_is_turned_the_right_way_up():
    brought = papers.photograph(turned=6)
    assert tells(brought)
    assert Image.open(BytesIO(brought)).getexif().get_ifd(0x8825), "the place is there to be lost"
    kept = cleaned(brought)
    assert kept.media == "jpeg"
    assert not tells(kept.content)
    assert b"Exif" not in kept.content
    with Image.open(BytesIO(kept.content)) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (30, 40)  # 40 × 30, a quarter to the right
        red, _green, blue = image.convert("RGB").getpixel((25, 5))
        assert blue > 200 > red  # the upper left corner is now the upper right one


def test_a_picture_loses_its_texts():
    brought = papers.screenshot()
    assert tells(brought)
    kept = cleaned(brought)
    assert (kept.media, tells(kept.content)) == ("png", False)
    assert {chunk for chunk in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME") if chunk in kept.content} == set()
    assert Image.open(BytesIO(kept.content)).convert("RGB").getpixel((1, 1)) == (0, 0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_every_kind_is_taken(mode):
    written = BytesIO()
    Image.new(mode, (8, 8)).save(written, "PNG")
    assert cleaned(written.getvalue()).media == "png"


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_every_kind_is_taken(mode):
    written = BytesIO()
    Image.new(mode, (8, 8)).save(written, "JPEG")
    assert cleaned(written.getvalue()).media == "jpeg"


def test_a_picture_with_more_pixels_than_a_page_has_is_not_unpacked():
    written = BytesIO()
    Image.new("1", (7000, 6000)).save(written, "PNG")
    assert len(written.getvalue()) < 10_000
    assert refused(written.getvalue()) == "too_many_pixels"


def test_what_hangs_behind_a_picture_is_gone():
    behind = papers.packed({"hemligt.txt": SECRET.encode()})
    for brought in (papers.picture("JPEG") + behind, papers.picture("PNG") + behind):
        assert zipfile.is_zipfile(BytesIO(brought)), "both a picture and an archive"
        kept = cleaned(brought).content
        assert not zipfile.is_zipfile(BytesIO(kept))


# -- PDF --------------------------------------------------------------------------------------------------------------


def test_a_pdf_keeps_its_words_and_loses_scripts_actions_attachments_and_what_it_tells_of_itself():
    brought = papers.laden_pdf()
    assert tells(brought)
    kept = cleaned(brought)
    assert (kept.media, tells(kept.content)) == ("pdf", False)
    acts = (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/OpenAction", b"/AA", b"/EmbeddedFile", b"/Filespec", b"/Annot", b"/XMP")
    assert [word for word in acts if any(word in part for part in everything_in(kept.content))] == []
    with pikepdf.open(BytesIO(kept.content)) as read:
        assert set(read.Root.keys()) == {"/Type", "/Pages"}
        assert len(read.docinfo) == 0
        assert not read.attachments
        assert WORDS.encode() in read.pages[0].Contents.read_bytes()
        assert "/A" in read.pages[0].Resources.Font, "a font called A is a font"


def test_a_photograph_in_a_pdf_loses_its_place_and_stays_the_same_picture():
    with pikepdf.open(BytesIO(cleaned(papers.laden_pdf()).content)) as read:
        inside = read.pages[0].Resources.XObject.B.read_raw_bytes()
    with Image.open(BytesIO(inside)) as image, Image.open(BytesIO(papers.photograph())) as before:
        assert dict(image.getexif()) == {}
        assert image.tobytes() == before.tobytes()


def test_notes_are_taken_out_of_a_photograph_without_touching_the_picture():
    for saved in ({"progressive": True}, {"quality": 30}, {"icc_profile": SECRET.encode() * 9}):
        before = papers.picture("JPEG", (200, 100), comment=SECRET.encode(), **saved)
        with_more = before + papers.photograph()  # cameras hang a second picture, with notes of its own, behind the first
        after = without_jpeg_notes(with_more)
        assert not tells(after)
        with Image.open(BytesIO(before)) as one, Image.open(BytesIO(after)) as other:
            assert one.tobytes() == other.tobytes()


def test_notes_are_taken_out_of_a_jpeg_2000():
    before = papers.picture("JPEG2000")
    box = f"<x>{SECRET}</x>".encode()
    brought = before[:12] + (len(box) + 8).to_bytes(4, "big") + b"xml " + box + before[12:]
    assert without_jpeg2000_notes(brought) == before


@pytest.mark.parametrize("odd", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xe1\0\0", b"\0\0\0\x0cjP  \0\0", b"hej"])
def test_what_is_no_photograph_is_left_to_whoever_draws_it(odd):
    assert without_jpeg_notes(odd).startswith(odd[:2])
    assert isinstance(without_jpeg2000_notes(odd), bytes)


def test_what_was_written_in_a_form_is_on_the_page():
    with pikepdf.open(BytesIO(cleaned(papers.filled_form()).content)) as read:
        assert "/AcroForm" not in read.Root
        assert "/Annots" not in read.pages[0]
        drawn = [one.read_bytes() for one in read.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == Name.Form]
        assert any(b"Ja, jag samtycker" in one for one in drawn)


@pytest.mark.parametrize("password", ["", "hemligt"])
def test_a_locked_pdf_is_refused_also_where_only_changing_it_needs_a_password(password):
    locked = papers.written(papers.pdf(), encryption=pikepdf.Encryption(owner="ägare", user=password))
    assert refused(locked) == "encrypted"


def test_a_form_that_only_its_own_program_can_draw_is_refused():
    made = papers.pdf()
    made.Root.AcroForm = Dictionary(Fields=pikepdf.Array(), XFA=made.make_stream(b"<xdp/>"))
    made.Root.NeedsRendering = True
    assert refused(papers.written(made)) == "living_form"


def test_a_pdf_that_is_a_page_and_an_archive_at_once_is_only_a_page_afterwards():
    brought = papers.written(papers.pdf()) + papers.packed({"index.html": f"<script>{SECRET}</script>".encode()})
    assert zipfile.is_zipfile(BytesIO(brought))
    kept = cleaned(brought)
    assert (kept.media, tells(kept.content)) == ("pdf", False)
    assert not zipfile.is_zipfile(BytesIO(kept.content))


def test_a_stream_that_lies_in_another_file_is_not_fetched():
    made = papers.pdf()
    made.pages[0].Contents.F = f"https://exempel.se/{SECRET}"
    assert not tells(cleaned(papers.written(made)).content)


# -- Word -------------------------------------------------------------------------------------------------------------


def test_a_word_document_keeps_its_text_and_loses_authors_links_traces_and_properties():
    brought = papers.word()
    assert tells(brought)
    kept = cleaned(brought)
    assert (kept.media, tells(kept.content)) == ("docx", False)
    parts = papers.unpacked(kept.content)
    text = b"".join(parts.values()).decode("utf-8", "replace")
    for words in (WORDS, "tillagt", "en länk", "fältets text", "sida 1", "en kommentar", "☒"):
        assert words in text, words
    for word in ("External", "rsid", "instrText", "fldChar", "fldSimple", "attachedTemplate", "docVar", "exempel.se", "2026-01-01"):
        assert word not in text, word
    assert not any(name.startswith(("docProps", "customXml")) for name in parts)
    assert "defaultTabStop" in text


def test_a_picture_in_a_word_document_is_cleaned_as_any_other():
    parts = papers.unpacked(cleaned(papers.word()).content)
    (inside,) = [content for name, content in parts.items() if "/media/" in name]
    with Image.open(BytesIO(inside)) as image:
        assert dict(image.getexif()) == {}


def test_everything_that_a_part_of_the_new_document_refers_to_is_there():
    parts = papers.unpacked(cleaned(papers.word()).content)
    for name, content in parts.items():
        if name.endswith(".rels") or not name.endswith(".xml"):
            continue
        directory, _slash, file = name.rpartition("/")
        beside = parts.get(f"{directory}/_rels/{file}.rels")
        known = {one.get("Id"): one.get("Target") for one in etree.fromstring(beside)} if beside else {}
        asked = {v for e in etree.fromstring(content).iter() for k, v in e.attrib.items() if "officeDocument/2006/relationships" in k}
        assert asked <= set(known), name
        assert {target.lstrip("/") for target in known.values()} <= set(parts)


def changed(**parts: bytes) -> bytes:
    """The Word document with these parts in place of its own; a name is written with two underscores for a slash."""
    return papers.packed(papers.word_parts() | {name.replace("__", "/"): content for name, content in parts.items()})


@pytest.mark.parametrize("kind", ["chart", "oleObject", "package", "diagramData", "aFChunk", "video", "somethingNew"])
def test_a_word_document_that_would_lose_something_is_refused(kind):
    more = papers.relations({"rId9": (kind, "media/thing.bin", "")})
    assert refused(changed(**{"word/_rels/document.xml.rels": more, "word/media/thing.bin": b"x"})) == "foreign_parts"


def test_macros_are_refused_whatever_they_are_called():
    types = papers.word_parts()["[Content_Types].xml"].replace(
        papers.MAIN_TYPE.encode(), b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    assert refused(changed(**{"[Content_Types].xml": types})) == "macros"
    assert refused(changed(**{"word/vbaProject.bin": b"x"})) == "macros"
    assert refused(changed(**{"word/_rels/document.xml.rels": papers.relations({"rId9": ("vbaProject", "ord.bin", "")})})) == "macros"


def test_a_word_document_that_unpacks_to_more_than_any_letter_is_refused():
    bomb = b"<w:document xmlns:w='x'>" + b" " * (80 * 1024 * 1024) + b"</w:document>"
    brought = changed(**{"word/document.xml": bomb})
    assert len(brought) < 200_000
    assert refused(brought) == "too_complex"
    many = {f"word/part{number}.xml": b"<x/>" for number in range(3000)}
    assert refused(changed(**many)) == "too_complex"


def test_entities_that_grow_are_not_resolved():
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 1000 + b'">]><x>&b;</x>'
    assert refused(changed(**{"word/document.xml": laughs})) == "broken"
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'
    assert refused(changed(**{"word/document.xml": outside})) == "broken"


def test_a_spreadsheet_and_a_plain_archive_are_no_word_documents():
    sheet = papers.word_parts()["[Content_Types].xml"].replace(
        papers.MAIN_TYPE.encode(), b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    )
    assert refused(changed(**{"[Content_Types].xml": sheet})) == "unknown_sort"
    assert refused(papers.packed({"hej.txt": b"hej"})) == "unknown_sort"


# -- anything ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"hej", "unknown_sort"),
        (b"<html><script>alert(1)</script>", "unknown_sort"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_sort"),
        (b"GIF89a" + b"\0" * 30, "unknown_sort"),
        (b"MZ" + b"\0" * 100, "unknown_sort"),
        (b"\n%PDF-1.7", "unknown_sort"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_word"),
        (b"%PDF-1.7\nhej", "broken"),
        (b"\xff\xd8\xff\xe0hej", "broken"),
        (b"\x89PNG\r\n\x1a\nhej", "broken"),
        (b"PK\x03\x04hej", "broken"),
    ],
)
def test_what_it_is_is_told_by_what_is_in_it(content, reason):
    assert refused(content) == reason


@pytest.mark.parametrize("brought", [papers.photograph(), papers.screenshot(), papers.laden_pdf(), papers.word()], ids=sort_of)
def test_a_file_that_was_cut_short_is_refused_or_read_and_never_fails_otherwise(brought):
    answers = {_answer(brought[:length]) for length in range(8, len(brought), max(1, len(brought) // 40))}
    assert answers <= {"broken", "unknown_sort", "clean"}


def _answer(content: bytes) -> str:
    try:
        return "tells" if tells(cleaned(content).content) else "clean"
    except Unacceptable as refusal:
        return refusal.reason


@pytest.mark.parametrize("brought", [papers.photograph(), papers.screenshot(), papers.laden_pdf(), papers.word()], ids=sort_of)
def test_cleaning_what_was_cleaned_changes_nothing_more(brought):
    once = cleaned(brought)
    assert cleaned(once.content).media == once.media
    assert not tells(cleaned(once.content).content)

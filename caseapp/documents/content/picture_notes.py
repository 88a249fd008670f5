"""What a camera or program noted in a photograph that lies in a PDF, taken out without touching the picture itself.

Source: ITU-T T.81 annex B (JPEG markers), ISO/IEC 15444-1 annex I (JPEG 2000 boxes). What is not well formed is left to whoever draws it.
"""

import re

_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
#: APP0 to APP15, but for APP14, which tells how colours are stored.
_NOTES = {*range(0xE0, 0xF0), _COMMENT} - {0xEE}
_BOXES = {b"uuid", b"uinf", b"xml "}
#: The next marker in a scan: neither a stuffed byte nor a restart.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def without_jpeg_notes(picture: bytes) -> bytes:
    """The JPEG without comments and application segments, and without what stands behind its end."""
    if picture[:2] != b"\xff\xd8":
        return picture
    kept, at = [picture[:2]], 2
    while at + 2 <= len(picture) and picture[at] == 0xFF and picture[at + 1] != _END:
        marker = picture[at + 1]
        if marker == 0xFF:  # padding before a marker
            at += 1
            continue
        length = int.from_bytes(picture[at + 2 : at + 4], "big")
        if length < 2:
            return picture
        end = at + 2 + length
        if marker == _SCAN:
            following = _NEXT_MARKER.search(picture, end)
            end = following.start() if following else len(picture)
        if marker not in _NOTES:
            kept.append(picture[at:end])
        at = end
    return b"".join([*kept, b"\xff\xd9"])


def without_jpeg2000_notes(picture: bytes) -> bytes:
    """The JPEG 2000 file without boxes of text and of other programs; a bare code stream as it is."""
    if picture[4:8] != b"jP  ":
        return picture
    kept, at = [], 0
    while at + 8 <= len(picture):
        length, kind = int.from_bytes(picture[at : at + 4], "big"), picture[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(picture[at + 8 : at + 16], "big")
        end = len(picture) if length == 0 else at + length
        if 0 < length < 8:
            return picture
        if kind not in _BOXES:
            kept.append(picture[at:end])
        at = end
    return b"".join(kept)

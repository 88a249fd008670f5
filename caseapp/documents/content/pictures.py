"""A photograph or scan: its pixels, turned as the camera meant, and nothing else.

The picture is read and written anew, so what a camera notes (place, time, owner, a small copy of the picture before it was cut), what a
program adds, and whatever hangs behind the picture's end is gone. Also gone are colour profiles: a wide-gamut photograph looks a little
paler. Of a moving picture the first one is kept.
"""

import contextlib
import struct
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ..rules import JPEG, PNG
from . import Unacceptable

_QUALITY = 90
_FORMATS = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG}


def clean_picture(content: bytes, *, most_pixels: int) -> tuple[str, bytes]:
    """(jpeg or png, the picture). Raises Unacceptable where it is neither, is damaged, or has more pixels than this."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
            media = _FORMATS[picture.format or ""]
            if picture.width * picture.height > most_pixels:
                raise Unacceptable("too_many_pixels")
            picture.load()
            return media, _written(_only_pixels(picture), media)
    except Image.DecompressionBombError:
        raise Unacceptable("too_many_pixels") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError, struct.error):
        raise Unacceptable("broken") from None


def _only_pixels(picture: Image.Image) -> Image.Image:
    turned: Image.Image = picture
    with contextlib.suppress(SyntaxError, ValueError, TypeError, KeyError, struct.error):  # notes that cannot be read turn nothing
        turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("P", "PA") and "transparency" in turned.info:
        turned = turned.convert("RGBA")
    elif turned.mode in ("CMYK", "YCCK"):
        turned = turned.convert("RGB")
    turned.info = {}  # the writers put what stands here into the file
    return turned


def _written(picture: Image.Image, media: str) -> bytes:
    written = BytesIO()
    if media == JPEG:
        picture.save(written, "JPEG", quality=_QUALITY)
    else:
        picture.save(written, "PNG")
    return written.getvalue()

"""Files as people bring them, made while the test runs: pictures, PDFs, Word documents, and what is hidden in them."""

from io import BytesIO

from PIL import Image


def picture(form: str, **saved) -> BytesIO:
    """A small picture in this format, at its beginning."""
    written = BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, form, **saved)
    written.seek(0)
    return written

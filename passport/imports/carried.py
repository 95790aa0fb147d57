"""A file that travels inside the pages of an import, so that nothing is kept on the server.

The first page receives it; preview and confirmation send it back compressed. Whoever holds the
page holds the file: it is their own, and is looked through afresh each time.
"""

import base64
import binascii
import io
import zlib
from typing import BinaryIO

from passport.errors import Invalid
from passport.imports.tables import LARGEST_FILE

MOST_CARRIED = 1_800_000
"""Characters; forms above 2 MB are refused by the server."""
_DAMAGED = "The file was lost on the way: choose it again."


def packed(source: BinaryIO) -> str:
    """The file as text for a hidden field. Raises `Invalid` where it is too large for a page."""
    source.seek(0)
    whole = source.read(LARGEST_FILE + 1)
    text = base64.b64encode(zlib.compress(whole, 6)).decode()
    if len(whole) > LARGEST_FILE or len(text) > MOST_CARRIED:
        raise Invalid(
            "file_too_large",
            "The file is too large for the browser: split it, or have it imported at the server's "
            "command line.",
        )
    return text


def unpacked(text: str) -> BinaryIO:
    """The file again. Raises `Invalid` for what is none, or would unfold beyond the limit."""
    try:
        opener = zlib.decompressobj()
        whole = opener.decompress(base64.b64decode(text, validate=True), LARGEST_FILE)
    except (binascii.Error, ValueError, zlib.error):
        raise Invalid("file_lost", fields={"file": [_DAMAGED]}) from None
    if not opener.eof:
        raise Invalid("file_lost", fields={"file": [_DAMAGED]})
    return io.BytesIO(whole)

"""A file sent with a form, which the pages after it carry on: nothing is kept on the server."""

from dataclasses import dataclass
from typing import BinaryIO

from flask import request

from passport.errors import Invalid
from passport.imports.carried import packed, unpacked


@dataclass(frozen=True, slots=True)
class SentFile:
    """What came, and the text that carries it on."""

    source: BinaryIO
    name: str
    carried: str


def sent_file() -> SentFile:
    """The file just chosen, or the one the page before carries. Raises `Invalid`."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        source: BinaryIO = upload.stream  # type: ignore[assignment]
        name = upload.filename.rsplit("/")[-1].rsplit("\\")[-1][:100]
        return SentFile(source, name, packed(source))
    carried, name = request.form.get("carried", ""), request.form.get("name", "")[:100]
    if not carried:
        raise Invalid("file_missing", fields={"file": ["Choose a file."]})
    return SentFile(unpacked(carried), name, carried)

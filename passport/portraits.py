"""A portrait as it is kept: a small face for a QR code and a photo for credentials and the desk.

What comes in is a file from a stranger: only three formats are opened, its size is known before a
pixel is read, and what goes out is drawn anew, without anything the file said about itself.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
"""What a telephone takes has up to about 25 million."""
LEAST = (200, 250)
FACE, PHOTO = (64, 80), (300, 400)
SMALLER_FACE = (48, 60)
MOST_FACE, MOST_PHOTO = 430, 28_000
"""Bytes: what a QR code of version 25 holds beside a long name, an entry of a register and all
training; and what a claim holds as a data URL."""
_UPPER_MIDDLE = (0.5, 0.35)
"""Of what is cut off at the edges; faces are above the middle."""


class NoPortrait(ValueError):
    """Why a file cannot be used, in a sentence."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A lossy WebP of 64 by 80 and a JPEG of 300 by 400."""

    face: bytes
    photo: bytes


def portrait(data: bytes) -> Portrait:
    """The portrait in a file. Raises `NoPortrait`."""
    if len(data) > MOST_BYTES:
        raise NoPortrait(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    image = _opened(data)
    return Portrait(
        face=_face(image),
        photo=_smallest(_cut(image, PHOTO), "JPEG", MOST_PHOTO, (85, 75, 60, 45, 30, 15)),
    )


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            found = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = found.size
            if width * height > MOST_PIXELS:
                raise NoPortrait("The picture has too many pixels.")
            if min(width, height) < LEAST[0] or max(width, height) < LEAST[1]:
                raise NoPortrait(f"The picture is smaller than {LEAST[0]} by {LEAST[1]} pixels.")
            found.draft("RGB", (PHOTO[0] * 2, PHOTO[1] * 2))
            return ImageOps.exif_transpose(found).convert("RGB")
    except NoPortrait:
        raise
    except Exception:
        # Pillow's decoders raise what they like on a broken file.
        raise NoPortrait("The file is not a JPEG, PNG or WebP picture.") from None


def _face(image: Image.Image) -> bytes:
    """The better of two sizes that is small enough."""
    qualities = (60, 45, 32, 22, 14, 8, 4, 1)
    try:
        return _smallest(_cut(image, FACE), "WEBP", MOST_FACE, qualities)
    except NoPortrait:
        return _smallest(_cut(image, SMALLER_FACE), "WEBP", MOST_FACE, qualities)


def _cut(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=_UPPER_MIDDLE)


def _smallest(image: Image.Image, form: str, most: int, qualities: tuple[int, ...]) -> bytes:
    """The best quality that is small enough."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    for quality in qualities:
        written = io.BytesIO()
        options = {"method": 6} if form == "WEBP" else {"optimize": True}
        clean.save(written, form, quality=quality, **options)
        if written.tell() <= most:
            return written.getvalue()
    raise NoPortrait("The picture has too much in it: take one before a plain wall.")

"""A portrait comes in as a stranger's file and goes out small, drawn anew and silent."""

import io
import os
from typing import Any

import pytest
from PIL import Image, ImageDraw

from passport import portraits
from passport.portraits import MOST_FACE, MOST_PHOTO, NoPortrait, portrait
from passport.rules.tokens import gate_facts


def drawn(size: tuple[int, int] = (900, 1200)) -> Image.Image:
    image = Image.new("RGB", size, (210, 215, 220))
    pen = ImageDraw.Draw(image)
    pen.ellipse((250, 200, 650, 750), fill=(190, 140, 110))
    pen.ellipse((340, 400, 400, 440), fill=(40, 30, 20))
    pen.ellipse((500, 400, 560, 440), fill=(40, 30, 20))
    pen.rectangle((150, 800, 750, 1200), fill=(30, 60, 120))
    return image


def written(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"),
     ("WEBP", "RGB")],
)  # fmt: skip
def test_three_formats_become_a_face_and_a_photo(form: str, mode: str) -> None:
    made = portrait(written(drawn().convert(mode), form))
    face, photo = Image.open(io.BytesIO(made.face)), Image.open(io.BytesIO(made.photo))
    assert (face.format, face.size, len(made.face) <= MOST_FACE) == ("WEBP", (64, 80), True)
    assert (photo.format, photo.size, len(made.photo) <= MOST_PHOTO) == ("JPEG", (300, 400), True)
    assert gate_facts._webp(gate_facts._picture(made.face)) == made.face


def test_a_picture_full_of_noise_still_fits() -> None:
    noise = Image.frombytes("RGB", (900, 1200), os.urandom(900 * 1200 * 3))
    made = portrait(written(noise, "PNG"))
    assert len(made.face) <= MOST_FACE
    assert len(made.photo) <= MOST_PHOTO


def test_what_the_file_says_of_itself_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "Ada Okafor, ward 7", 6
    sideways = drawn().transpose(Image.Transpose.ROTATE_90)
    made = portrait(written(sideways, "JPEG", exif=exif, quality=95))
    assert b"Okafor" not in made.photo + made.face
    top = Image.open(io.BytesIO(made.photo)).convert("RGB").getpixel((150, 390))
    assert top[2] > top[0], "the blue shirt is at the bottom"


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + bytes(100), b"<svg/>", written(drawn(), "GIF"), written(drawn(), "BMP"),
     written(drawn(), "JPEG")[:800], written(drawn(), "PNG")[:400] + bytes(50)],
    ids=["empty", "gif head", "svg", "gif", "bmp", "cut jpeg", "broken png"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(NoPortrait, match=r"\.$"):
        portrait(data)


def test_a_picture_too_large_or_too_small_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoPortrait, match="smaller"):
        portrait(written(drawn((100, 120)), "PNG"))
    with pytest.raises(NoPortrait, match="larger"):
        portrait(bytes(portraits.MOST_BYTES + 1))
    bomb = written(Image.new("1", (9_000, 9_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(NoPortrait, match="pixels"):
        portrait(bomb)

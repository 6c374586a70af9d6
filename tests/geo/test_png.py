"""The PNG writer makes what a PNG reader expects."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo.png import png_of

COLOURS = [(1, 2, 3, 0), (40, 50, 60, 255), (255, 0, 255, 128)]


def chunks(data: bytes) -> dict[bytes, bytes]:
    """Read the chunks back; sums are checked, as any reader does."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        (check,) = struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        assert check == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + size
    assert list(found)[-1] == b"IEND"
    return found


@given(
    hnp.arrays(
        np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2)
    )
)
def test_every_pixel_comes_back(pixels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    found = chunks(png_of(pixels, COLOURS))
    width, height, *kind = struct.unpack(">IIBBBBB", found[b"IHDR"])
    assert (height, width) == pixels.shape
    assert kind == [8, 3, 0, 0, 0]
    lines = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    assert np.array_equal(lines[:, 1:], pixels)


def test_colours_and_opacity_are_kept() -> None:
    found = chunks(png_of(np.zeros((1, 1), np.uint8), COLOURS))
    assert found[b"PLTE"] == bytes([1, 2, 3, 40, 50, 60, 255, 0, 255])
    assert found[b"tRNS"] == bytes([0, 255, 128])


def test_a_pixel_without_a_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="3 colours do not suit"):
        png_of(np.full((1, 1), 3, np.uint8), COLOURS)

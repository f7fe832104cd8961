"""A link as QR code."""

import re
import xml.etree.ElementTree as ET

import segno
from fastapi.testclient import TestClient

from backend.tests.test_shares import message, share

__all__ = ["message"]  # a fixture


def modules_of(svg: str) -> set[tuple[int, int]]:
    """Return (row, column) of the dark squares that an SVG of horizontal strokes draws."""
    path = re.search(r'<path[^>]*class="qrline"[^>]*d="([^"]+)"', svg)
    assert path is not None
    dark: set[tuple[int, int]] = set()
    column, row = 0.0, 0.0
    for command, values in re.findall(r"([MmhH])([-\d. ]+)", path[1]):
        numbers = [float(value) for value in values.split()]
        if command == "M":
            column, row = numbers[0], numbers[1]
        elif command == "m":
            column, row = column + numbers[0], row + numbers[1]
        else:
            dark |= {(int(row - 0.5), int(column) + step) for step in range(int(numbers[0]))}
            column += numbers[0]
    return dark


def test_the_code_says_the_link(owner: TestClient, message: dict) -> None:
    made, _ = share(owner, message)
    answer = owner.get(f"/api/v1/shares/{made['id']}/qr.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "private" in answer.headers["cache-control"]
    assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "<script" not in answer.text
    expected = segno.make_qr(made["url"], error="m").matrix_iter(border=4)
    wanted = {
        (r, c) for r, line in enumerate(expected) for c, is_dark in enumerate(line) if is_dark
    }
    assert modules_of(answer.text) == wanted

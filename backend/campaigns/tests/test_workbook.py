"""Workbooks: their values are read, and what is made to do harm is refused before it does."""

import io
import tracemalloc
import zipfile
from html import escape

import pytest

from backend.campaigns import workbook
from backend.campaigns.importing import read_list
from backend.problems import Invalid

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"


def xlsx(rows: str, *, strings: str = "", head: str = "", **parts: str | bytes) -> bytes:
    """Return a workbook whose sheet has `rows`, in the sheet's own XML."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{LINKS}">{head}<sheets>'
            '<sheet name="hidden" sheetId="2" state="hidden" r:id="rId9"/>'
            '<sheet name="list" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{LINKS}"><Relationship Id="rId1" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{strings}</sst>")
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;"/>'
            '<numFmt numFmtId="171" formatCode="[Red]0.0&quot;d&quot;"/></numFmts>'
            '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
            '<xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="20"/>'
            "</cellXfs></styleSheet>",
        )
        archive.writestr(SHEET, f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>")
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return made.getvalue()


def inline(*rows: list[str]) -> str:
    return "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row)
        + "</row>" for row in rows
    )  # fmt: skip


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_list(content)
    assert caught.value.code == "list_unreadable"
    return caught.value.detail


def test_a_workbook_is_read() -> None:
    found = read_list(xlsx(inline(["氏名", "メール"], ["山田 花子", "hanako@example.jp"])))
    assert (found.columns, found.rows) == (["氏名", "メール"], [["山田 花子", "hanako@example.jp"]])
    assert (found.about.format, found.about.encoding) == ("xlsx", None)


def test_shared_strings_come_without_the_readings_beside_them() -> None:
    strings = (
        "<si><t>氏名</t></si><si><r><t>山</t></r><r><t>田</t></r>"
        '<rPh sb="0" eb="2"><t>ヤマダ</t></rPh><phoneticPr fontId="1"/></si>'
    )
    rows = '<row><c t="s"><v>0</v></c></row><row><c r="A2" t="s"><v>1</v></c></row>'
    assert read_list(xlsx(rows, strings=strings)).rows == [["山田"]]
    inside = '<c t="inlineStr"><is><t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh></is></c>'
    assert read_list(xlsx(inline(["氏名"]) + f"<row>{inside}</row>")).rows == [["山田"]]


def test_values_stand_where_the_sheet_puts_them() -> None:
    rows = inline(["name", "a", "b", "c", "d", "e", "f", "g"]) + (
        '<row r="7"><c r="A7" t="str"><f>1+1</f><v>=cmd</v></c><c r="C7"><v>7.0</v></c>'
        '<c r="D7"><v>0.30000000000000004</v></c><c r="E7" s="1"><v>45000</v></c>'
        '<c r="F7" s="2"><v>45000.5</v></c><c r="G7" s="3"><v>3</v></c>'
        '<c r="H7" t="b"><v>1</v></c></row>'
    )
    (row,) = read_list(xlsx(rows)).rows
    assert row == ["=cmd", "", "7", "0.3", "2023-03-15", "2023-03-15 12:00", "3", "TRUE"]
    of_1904 = read_list(xlsx(rows, head='<workbookPr date1904="1"/>')).rows[0]
    assert of_1904[4] == "2027-03-16"


def test_a_cell_at_the_edge_of_a_sheet_takes_no_memory_for_the_rest() -> None:
    rows = inline(["name"]) + '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'
    with pytest.raises(Invalid) as caught:
        read_list(xlsx(rows))
    assert caught.value.code == "too_many_columns"


def test_a_workbook_that_unpacks_to_a_flood_is_refused() -> None:
    assert "larger" in refused(xlsx("", xl__media__a_xml=bytes(workbook.MAX_UNPACKED_BYTES + 1)))


def test_a_size_that_lies_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx(inline(["name"], *[["x" * 90]] * 2_000))
    monkeypatch.setattr(workbook, "_require_small", lambda _: None)
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 100_000)
    assert "larger" in refused(content)


def test_elements_without_an_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ELEMENTS", 10_000)
    assert "larger" in refused(xlsx("<row/>" * 50_000))


@pytest.mark.parametrize(
    "rows",
    ['<row a="' + "x" * 3_000_000 + '"/>', f"<row><c><v>{'x' * 3_000_000}</v></c></row>"],
)
def test_what_has_no_tag_for_long_is_no_list(rows: str) -> None:
    assert "larger" in refused(xlsx(rows))


def test_a_long_string_is_not_copied_into_each_cell() -> None:
    strings = "<si>" + f"<r><t> {'x' * 500_000} </t></r>" * 10 + "</si>"
    content = xlsx("<row>" + '<c t="s"><v>0</v></c>' * 50 + "</row>", strings=strings)
    tracemalloc.start()
    with pytest.raises(Invalid) as caught:
        read_list(content)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "cell_too_long"
    assert peak_bytes < 50_000_000, "fifty copies of five million characters"


def test_no_entity_is_ever_expanded() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY e0 "ha">{bomb}'
        '<!ENTITY out SYSTEM "file:///etc/passwd">]>'
        f"<sst {MAIN}><si><t>&e9;&out;</t></si></sst>"
    )
    rows = '<row><c t="s"><v>0</v></c></row>'
    assert "document type" in refused(xlsx(rows, xl__sharedStrings_xml=document))


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ("<row><c><v>", {}),
        ('<row><c t="s"><v>7</v></c></row>', {}),
        ('<row><c t="s"><v>x</v></c></row>', {}),
        ('<row><c s="1"><v>1e99</v></c></row>', {}),
        ('<row><c s="1"><v>nan</v></c></row>', {}),
        ("<row><c><v>x</v></c></row>", {}),
        ("", {"xl___rels__workbook_xml.rels": "<x/>"}),
        ("", {"xl__sharedStrings_xml": '<?xml version="1.0" encoding="none-such"?><sst/>'}),
        ("", {"xl__sharedStrings_xml": '<?xml version="1.0" encoding="hex"?><sst/>'}),
    ],
)
def test_a_damaged_workbook_is_refused(rows: str, parts: dict[str, str]) -> None:
    refused(xlsx(rows, **parts))


def test_another_zip_is_no_workbook() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    refused(made.getvalue())
    refused(xlsx(inline(["name"], ["x"]))[:-40])

"""PDF files that real programs print: a browser and an office suite, wraps and page numbers where these put them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser

from tracker.register.text import clauses
from tracker.register.texts.reading import TextKind, read_text

NO_OFFICE = "LibreOffice (soffice) is not installed, so it cannot print a PDF"
FOOT = "<div style='font-size: 10px; width: 100%; text-align: center'>— <span class='pageNumber'></span> —</div>"
CLAUSES = [
    "（一）总则。证券公司应当在销售之前充分了解客户，贯彻修正案（十一）的要求，做到“全面、准确。”不得误导投资者；未尽义务的，依法承担赔偿责任。",
    "（二）民事责任。长期见效，马上落实，龙头企业带头，青年参与，齐心协力，金额不限，行为规范。到2022年取得1.5倍进展。受害人可以依法要求赔偿损失！",
    "（三）附则。各地区各部门各单位要结合实际，认真抓好贯彻落实，重大事项及时报告。",
]
WHOLE = clauses("\n".join(CLAUSES))


def test_a_page_that_a_browser_prints_is_read_like_the_text_itself(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page()
    page.set_content("<style>body { font-size: 30px; line-height: 2.5 }</style>" + "".join(f"<p>{clause}</p>" for clause in CLAUSES))
    page.pdf(path=tmp_path / "printed.pdf", display_header_footer=True, header_template="<span></span>", footer_template=FOOT, width="120mm", height="120mm", margin={"bottom": "20mm"})
    page.close()
    reading = read_text((tmp_path / "printed.pdf").read_bytes(), "printed.pdf")
    assert (reading.kind, reading.note) == (TextKind.PDF, "")
    assert reading.text.count("\f") >= 2 and "— 2 —" in reading.text
    assert clauses(reading.text) == WHOLE


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_a_page_that_an_office_suite_prints_is_read_like_the_text_itself(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    # Cells with digits among the characters are drawn after all others, which no program that writes letters does.
    plain = [clause.replace("到2022年取得1.5倍进展。", "") for clause in CLAUSES]
    for clause in plain:
        for at in range(0, len(clause), 23):
            book.active.append([clause[at : at + 23]])
    book.active.column_dimensions["A"].width = 80
    book.save(tmp_path / "book.xlsx")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "book.xlsx")], check=True, capture_output=True, timeout=240)
    reading = read_text((tmp_path / "book.pdf").read_bytes(), "book.pdf")
    assert reading.kind is TextKind.PDF
    assert clauses(reading.text) == clauses("\n".join(plain))

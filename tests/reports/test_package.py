"""The audit package: everything the viewer may see and nothing else, names for every system, the same bytes for the same moment."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.reports.opening import Opened
from tests.reports.parcel import book_name, laid_out, parcel, part, unpacked, verified, written
from tests.reports.story import HOSTILE, LATER, Story
from tracker import verify
from tracker.asof import looking
from tracker.assignments.queries import TaskFilter
from tracker.audit.models import AuditEvent
from tracker.checking.assembling import checking_page
from tracker.errors import RuleBroken
from tracker.evidence.models import Evidence
from tracker.reports.actions import export_store, keep, write
from tracker.reports.models import Export
from tracker.reports.package.names import LONGEST, evidence_path, safe

__all__ = ["parcel", "part", "verified"]

Verified = Callable[..., tuple[int, str]]
FIXED = {"index.html", "manifest.json", "SHA256SUMS.txt", "verify.py", "校验.html", "说明.txt"}
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


class Page(HTMLParser):
    """The links, the anchors and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        told = dict(attrs)
        self.tags.add(tag)
        self.links += [str(told["href"])] if "href" in told else []
        self.anchors |= {str(told["id"])} if "id" in told else set()

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.words += data


def test_it_holds_the_workbook_every_cited_file_and_what_checks_them(parcel: dict[str, bytes], story: Story) -> None:
    book = Opened(parcel[book_name(parcel)])
    rows = book.rows("证据目录")
    assert len(rows) == len(HOSTILE)
    paths = {evidence_path(row["索引号"], row["文件名"]): row for row in rows}
    assert set(parcel) == {book_name(parcel), *FIXED, *paths}
    for path, row in paths.items():
        assert (hashlib.sha256(parcel[path]).hexdigest(), len(parcel[path])) == (row["SHA-256"], row["字节数"])
    assert parcel["校验.html"] == checking_page()
    assert parcel["verify.py"] == Path(verify.__file__).read_bytes()
    assert parcel["说明.txt"].startswith(b"\xef\xbb\xbf") and parcel["说明.txt"].count(b"\n") == parcel["说明.txt"].count(b"\r\n") > 10


def test_the_manifest_and_the_sums_tell_every_file(parcel: dict[str, bytes], tmp_path: Path) -> None:
    manifest = json.loads(parcel["manifest.json"])
    assert [one["path"] for one in manifest["files"]] == sorted(set(parcel) - {"manifest.json"})
    assert all((hashlib.sha256(parcel[one["path"]]).hexdigest(), len(parcel[one["path"]])) == (one["sha256"], one["size"]) for one in manifest["files"])
    assert (manifest["entity"], manifest["as_of"], manifest["exporter"]) == ("海川证券（HC01）", "2027-01-05 10:30:09（北京时间）", "林合规（经网页）")
    told = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS.txt"], cwd=laid_out(tmp_path, parcel), capture_output=True, text=True)
    assert told.returncode == 0 and told.stdout.count(": OK") == len(parcel) - 2


def test_the_index_leads_from_duties_to_files_and_back_without_server_or_script(parcel: dict[str, bytes]) -> None:
    text = parcel["index.html"].decode()
    page = Page(text)
    assert not page.tags & {"script", "link", "img", "iframe", "object"} and "url(" not in text and "@import" not in text
    files = {unquote(link) for link in page.links if not link.startswith("#")}
    assert files <= set(parcel) and {name for name in parcel if name.startswith("证据/")} <= files
    assert {unquote(link[1:]) for link in page.links if link.startswith("#")} <= page.anchors
    for row in Opened(parcel[book_name(parcel)]).rows("证据目录"):
        assert row["SHA-256"] in page.words and all(any(re.fullmatch(rf"o-\d+-{duty}", one) for one in page.anchors) for duty in row["证明的义务"].split("\n"))
    assert "2027-01-05 10:30:09（北京时间）" in page.words and "全部（未设筛选）" in page.words


def test_the_index_numbers_lead_to_the_files_and_in_the_workbook_alone_nowhere(parcel: dict[str, bytes], story: Story) -> None:
    page = Opened(parcel[book_name(parcel)]).book["证据目录"]
    targets = [unquote(page.cell(row, 1).hyperlink.target) for row in range(3, page.max_row + 1)]
    assert sorted(targets) == sorted(name for name in parcel if name.startswith("证据/"))
    alone = story.export()[0].book["证据目录"]
    assert [cell for row in alone.iter_rows() for cell in row if cell.hyperlink] == []


def test_the_same_moment_and_viewer_give_the_same_bytes_whenever_it_is_asked(story: Story, frozen_clock: time_machine.Traveller) -> None:
    world, store = story.company.world, export_store(story.folder)
    first, _ = written(story)
    assert written(story)[0] == first
    frozen_clock.shift(86_400)
    story.export()
    with looking(story.company.database, world.officer.entities, LATER) as then:
        again = write(then, world.officer, [world.ours], TaskFilter(), store, evidence=story.company.store)
    assert store.path(again.stored.sha256).read_bytes() == first


def test_only_the_evidence_of_the_filter_is_in_it(story: Story, tmp_path: Path, verified: Verified) -> None:
    files = unpacked(written(story, TaskFilter(state="returned"))[0])
    (row,) = Opened(files[book_name(files)]).rows("证据目录")
    assert [name for name in files if name.startswith("证据/")] == [evidence_path("E-0001", row["文件名"])]
    assert "任务状态：已退回" in files["index.html"].decode()
    assert HOSTILE[0] not in files["index.html"].decode()
    assert verified(laid_out(tmp_path / "包", files))[0] == 0
    nothing = unpacked(written(story, TaskFilter(department="没有这个部门"))[0])
    assert set(nothing) == {book_name(nothing), *FIXED}
    assert verified(laid_out(tmp_path / "空", nothing))[0] == 0


def test_names_of_evidence_and_notes_are_escaped_in_the_index(story: Story) -> None:
    text = written(story)[0]
    page = unpacked(text)["index.html"].decode()
    assert "&#x27;已带撇号" in page and "'已带撇号.txt<" not in page


def test_lost_or_damaged_bytes_are_a_sentence_that_names_the_file_and_nothing_is_written(story: Story) -> None:
    with story.company.database.reading(story.company.world.officer.entities) as s:
        piece = s.scalars(select(Evidence).order_by(Evidence.id)).first()
        assert piece is not None
        path, name, size = story.company.store.path(piece.sha256), piece.name, piece.size
    path.chmod(0o600)
    # As long as before: only the digest tells.
    path.write_bytes(b"x" * size)
    with pytest.raises(RuleBroken, match=re.escape(f"证据“{name}”") + ".*与上传时的 SHA-256 不符.*审计包没有生成"):
        written(story)
    path.unlink()
    with pytest.raises(RuleBroken, match=re.escape(f"证据“{name}”") + ".*在证据库中已不存在，审计包没有生成"):
        written(story)
    assert [one for one in story.folder.rglob("*") if one.is_file()] == []


def test_it_is_kept_and_recorded_like_a_workbook(story: Story) -> None:
    officer, (data, done) = story.company.world.officer, written(story)
    with story.company.database.writing(officer.entities) as s:
        kept = keep(s, officer, done).id
    with story.company.database.reading(officer.entities) as s:
        row = s.get_one(Export, kept)
        assert (row.file_name, row.sha256, row.size, row.is_package) == ("海川_合规义务审计包_20270105_103009.zip", hashlib.sha256(data).hexdigest(), len(data), True)
        last = s.scalars(select(AuditEvent).where(AuditEvent.object == f"report:{kept}")).one()
        assert last.action == "report.built" and row.sha256 in last.record


def test_many_files_keep_their_own_times_and_nothing_of_the_machine(story: Story) -> None:
    with zipfile.ZipFile(io.BytesIO(written(story)[0])) as package:
        entries = package.infolist()
        assert {entry.date_time for entry in entries} == {(2027, 1, 5, 10, 30, 8)}
        assert {(entry.create_system, entry.external_attr >> 16) for entry in entries} == {(3, 0o644)}
        assert package.testzip() is None


@given(st.text(max_size=250))
def test_every_name_becomes_one_that_every_system_takes(name: str) -> None:
    clean = safe(name)
    assert 0 < len(clean) <= LONGEST and safe(clean) == clean
    assert len(f"E-000001_{clean}".encode()) <= 255, "Linux refuses to unpack it"
    assert not re.search(r'[<>:"/\\|?*#%\x00-\x1f]', clean) and clean == clean.rstrip(". ")
    assert clean.split(".")[0].strip().lower() not in DEVICES


@pytest.mark.parametrize(("name", "clean"), [
    ("CON.txt", "_CON.txt"), ("nul", "_nul"), ("com1.tar.gz", "_com1.tar.gz"), ("a/b\\c:d.pdf", "a_b_c_d.pdf"), ("尾点. . .", "尾点"), ("100% #1.txt", "100_ _1.txt"),
    ("", "_"), ("e\u0301.txt", "\u00e9.txt"), ("a" * 200 + ".docx", "a" * (LONGEST - 5) + ".docx"), ("长" * 200 + ".docx", "长" * 78 + ".docx"), ("长" * 200, "长" * 80), ("😀.txt", "😀.txt"),
])
def test_names_that_some_system_refuses_are_made_safe(name: str, clean: str) -> None:
    assert safe(name) == clean
    assert evidence_path("E-0001", name) == f"证据/E-0001_{clean}"

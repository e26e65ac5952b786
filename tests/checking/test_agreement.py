"""Both offline checks say the same of what is sound, of what other programs saved, and of what is no file of ours; of changed files see tests/test_verify.py."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.checking.second import Second, agreed, place_of, second
from tests.reports.parcel import (
    book_name,
    changed_book,
    laid_out,
    office_saved,
    parcel,
    part,
    unchanged,
    verified,
    zipped,
)
from tests.reports.story import LATER, Story, story
from tests.test_verify import NO_OFFICE
from tests.work import company, working_template
from tracker import verify
from tracker.asof import looking
from tracker.assignments.queries import TaskFilter
from tracker.people.models import Entity
from tracker.reports.actions import export_store, write
from tracker.words import Role

__all__ = ["agreed", "company", "parcel", "part", "second", "story", "verified", "working_template"]

Verified = Callable[..., tuple[int, str]]
Agreed = Callable[..., None]


def test_they_agree_on_sound_files(parcel: dict[str, bytes], part: bytes, second: Second, tmp_path: Path, verified: Verified) -> None:
    book, package = parcel[book_name(parcel)], zipped(tmp_path / "包.zip", parcel)
    evidence = [data for name, data in parcel.items() if name.startswith("证据/")]
    told = second.ask("包.zip", package.read_bytes())
    assert told["sound"] and told["chains"][0]["head"] in verified(package)[1]
    assert [second.ask("b.xlsx", book, evidence=files)["withFiles"] for files in (evidence, ())] == [True, False]
    for data in (book, part):
        assert [second.ask("b.xlsx", saved)["sound"] for saved in (data, changed_book(data, unchanged))] == [True, True]
    assert [second.ask("b.xlsx", data)["whole"] for data in (book, part)] == [True, False]
    (tmp_path / "b.xlsx").write_bytes(book)
    status, said = verified(tmp_path / "b.xlsx", "--evidence", laid_out(tmp_path / "少", {"证据/x": evidence[0]}))
    assert status == 1 and "证据目录!K" in said
    assert second.ask("b.xlsx", book, evidence=evidence[:1])["sentence"].split("：")[0] in said


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_they_agree_on_what_libreoffice_saved(parcel: dict[str, bytes], part: bytes, second: Second) -> None:
    told = [second.ask("b.xlsx", office_saved(data)) for data in (parcel[book_name(parcel)], part)]
    assert [one["sound"] for one in told] == [True, True], told


def test_they_agree_on_a_group_and_on_what_stood_earlier(story: Story, second: Second, tmp_path: Path, verified: Verified) -> None:
    world, database, store = story.company.world, story.company.database, export_store(story.folder)
    with database.reading() as s:
        other = s.scalars(select(Entity.id).where(Entity.id != world.ours)).one()
    who = replace(world.officer, roles={one: frozenset({Role.OFFICER}) for one in (world.ours, other)})
    with database.reading(who.entities) as s:
        both = write(s, who, [world.ours, other], TaskFilter(), store)
    with looking(database, world.officer.entities, LATER - timedelta(days=40)) as then:
        earlier = write(then, world.officer, [world.ours], TaskFilter(), store)
    for written, chains in ((both, 2), (earlier, 1)):
        (tmp_path / "b.xlsx").write_bytes(store.path(written.stored.sha256).read_bytes())
        told, (status, said) = second.ask("b.xlsx", (tmp_path / "b.xlsx").read_bytes()), verified(tmp_path / "b.xlsx")
        assert told["sound"] and status == 0, (told, said)
        if chains > 1:
            swapped = changed_book((tmp_path / "b.xlsx").read_bytes(), _owners_swapped)
            (tmp_path / "c.xlsx").write_bytes(swapped)
            refused, sentence = verified(tmp_path / "c.xlsx")
            assert refused == 1 and re.search(r"校验!第 \d+ 行：与导出时的校验值不符", sentence), sentence
            assert second.says("c.xlsx", swapped) == (1, place_of(sentence))
        assert len(told["chains"]) == chains and all(f"链 {one['name']}：{one['size']:,} 条，链头 {one['head']}" in said for one in told["chains"])


def _owners_swapped(book: Any) -> None:
    """Let each chain stand under the owner of the other, with all that proves it."""
    page, blocks = book[verify.PROOF], list[dict[str, Any]]()
    for row in page.iter_rows():
        label, text = row[1].value, row[4]
        if label == "链":
            blocks.append({})
        if blocks and label in verify.SIGNING and label != "所属主体":
            blocks[-1][label] = text
    for label, cell in blocks[0].items():
        cell.value, blocks[1][label].value = blocks[1][label].value, cell.value


def _with_type(book: bytes) -> bytes:
    source, out = zipfile.ZipFile(io.BytesIO(book)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook', 1) if name == "xl/workbook.xml" else content)
    return out.getvalue()


def test_they_agree_on_what_is_no_workbook(parcel: dict[str, bytes], second: Second, agreed: Agreed, tmp_path: Path, verified: Verified) -> None:
    book = parcel[book_name(parcel)]
    for content in (b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0", _with_type(book), book[:-40], book[:2000] + b"\0" + book[2001:], b"before" + book):
        for name in ("a.xlsx", "a.zip"):
            (tmp_path / name).write_bytes(content)
            agreed(name, content, *verified(tmp_path / name))

"""Commands on reports: write an entity's audit workbook or package to a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from ..asof import looking, moment_of
from ..assignments.queries import TaskFilter
from ..errors import BadInput, why_not
from ..evidence.store import Store
from ..people.queries import entity_by_name
from ..register.queries import ObligationFilter, vocabulary
from ..reports import actions
from ..words import Modality, TaskState
from .root import Desk, pass_desk, shown

STATES = ["open", "overdue", "reconfirm", *(str(state) for state in TaskState)]


@click.group()
def reports() -> None:
    """报告：导出审计工作簿和审计包。"""


@reports.command()
@click.option("--entity", required=True, callback=shown, help="主体（全称、简称或编号）")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="输出的 .xlsx 文件；审计包为 .zip 文件")
@click.option("--package", is_flag=True, help="导出审计包（工作簿、证据文件、索引、文件清单、校验程序），不是单独的工作簿")
@click.option("--domain", default="", help="只含一个领域（代码或名称）")
@click.option("--document", default="", help="只含一份文件（编号）")
@click.option("--modality", default="", type=click.Choice(["", *(str(word) for word in Modality)]), help="只含一种性质")
@click.option("--state", default="", type=click.Choice(["", *STATES]), help="只含一种任务状态")
@click.option("--as-of", default="", help="截至过去的某一时刻（北京时间），如 \"2026-11-01 18:00\"；只写日期指当日终了；不写指现在")
@pass_desk
def build(desk: Desk, entity: str, out: Path, package: bool, domain: str, document: str, modality: str, state: str, as_of: str) -> None:
    """导出一个主体的审计工作簿或审计包；导出件同时留存并记入操作留痕。"""
    who, store = desk.operator, actions.export_store(desk.config.exports)
    evidence = Store(desk.config.store, desk.config.upload_limit) if package else None
    with looking(desk.database, who.entities, moment_of(as_of)) as s:
        domains = vocabulary(s).domains
        code = next((key for key, label in domains.items() if domain in (key, label)), "")
        if domain and not code:
            raise BadInput(f"没有“{domain}”这个领域。可用的领域：{'、'.join(domains.values())}。")
        if document and document not in vocabulary(s).documents:
            raise BadInput(f"没有编号为“{document}”的文件。可用的文件：{'、'.join(vocabulary(s).documents)}。")
        wanted = TaskFilter(ObligationFilter(domain=code, document=document, modality=modality, withdrawn=True), state=state)
        written = actions.write(s, who, entity_by_name(s, who, entity).id, wanted, store, evidence=evidence)
    with _placed(out) as part:
        with store.open(written.stored.sha256) as kept, part.open("wb") as file:
            shutil.copyfileobj(kept, file)
        # What leaves is recorded before it can be found under its name.
        with desk.database.writing(who.entities) as s:
            actions.keep(s, who, written)
    click.echo(f"已导出 {out}（SHA-256 {written.stored.sha256}）：" + "，".join(f"{title} {rows} 行" for title, rows in written.counts.items()) + "。")


@contextmanager
def _placed(out: Path) -> Iterator[Path]:
    """Give a place beside the wanted file; it takes the file's name once all is well, and leaves nothing behind otherwise."""
    part = out.with_name(f"{out.name}.part")
    try:
        yield part
        part.replace(out)
    except OSError as reason:
        raise BadInput(f"写不了文件 {out}：{why_not(reason)}。请检查路径，或先关闭正在打开它的程序。") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)

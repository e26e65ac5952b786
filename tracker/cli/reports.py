"""Commands on reports: write an audit workbook or package to a file, work off what was asked for on the pages, list it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy.orm import Session

from .. import clock
from ..asof import SINCE, moment_of
from ..assignments.queries import TaskFilter
from ..audit.heads.signing import BROKEN
from ..audit.heads.standing import ACCEPT, hindrances
from ..errors import BadInput, why_not
from ..evidence.store import Store
from ..exporting.moments import moments
from ..exporting.working import work_off
from ..people.queries import entity_by_name, entity_choices, names
from ..register.queries import ObligationFilter, vocabulary
from ..reports import actions
from ..reports.jobs.asking import Asked
from ..reports.jobs.queries import newest_jobs
from ..words import JobState, Modality, TaskState
from .root import Desk, all_shown, pass_desk

STATES = ["open", "overdue", "reconfirm", *(str(state) for state in TaskState)]


@click.group()
def reports() -> None:
    """报告：导出审计工作簿和审计包，查看和处理排队的导出。"""


@reports.command()
@click.option("--entity", "entities", required=True, multiple=True, callback=all_shown, help="主体（全称、简称或编号）；可重复，几个主体合为一份")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="输出的 .xlsx 文件；审计包为 .zip 文件")
@click.option("--package", is_flag=True, help="导出审计包（工作簿、证据文件、索引、文件清单、校验程序），不是单独的工作簿")
@click.option("--domain", default="", help="只含一个领域（代码或名称）")
@click.option("--document", default="", help="只含一份文件（编号）")
@click.option("--modality", default="", type=click.Choice(["", *(str(word) for word in Modality)]), help="只含一种性质")
@click.option("--state", default="", type=click.Choice(["", *STATES]), help="只含一种任务状态")
@click.option("--as-of", default="", help="截至过去的某一时刻（北京时间），如 \"2026-11-01 18:00\"；只写日期指当日终了；不写指现在")
@click.option("--since", default="", help="与更早的时点比较，写法同 --as-of；工作簿多一张“版本差异”")
@pass_desk
def build(desk: Desk, entities: tuple[str, ...], out: Path, package: bool, domain: str, document: str, modality: str, state: str, as_of: str, since: str) -> None:
    """导出一个或几个主体的审计工作簿或审计包；导出件同时留存并记入操作留痕。"""
    who, store = desk.operator, actions.export_store(desk.config.exports)
    evidence = Store(desk.config.store, desk.config.upload_limit) if package else None
    with desk.database.reading(who.entities) as s:
        chosen = tuple(dict.fromkeys(entity_by_name(s, who, name).id for name in entities))
        wanted = TaskFilter(_obligations(s, domain, document, modality), state=state)
    asked = Asked(chosen, wanted, moment_of(as_of), moment_of(since, SINCE))
    with moments(desk.database, who, asked) as (then, compared):
        written = actions.write(then, who, asked.entities, asked.wanted, store, evidence=evidence, compared=compared, signer=desk.signer)
    with _placed(out) as part:
        with store.open(written.stored.sha256) as kept, part.open("wb") as file:
            shutil.copyfileobj(kept, file)
        # What leaves is recorded before it can be found under its name.
        with desk.database.writing(who.entities) as s:
            actions.note_download(s, who, actions.keep(s, who, written).id)
    click.echo(f"已导出 {out}（SHA-256 {written.stored.sha256}）：" + "，".join(f"{title} {rows} 行" for title, rows in written.counts.items()) + "。")
    if written.unsigned:
        _say_unsigned(desk, written.unsigned)


def _say_unsigned(desk: Desk, chains: tuple[str, ...]) -> None:
    why = hindrances(desk.signer, chains) or ["签名当时没有成功。请再导出一次。"]
    click.echo(f"工作簿已导出，但链头没有签名：{''.join(dict.fromkeys(why))}" + (ACCEPT if any(BROKEN in one for one in why) else ""))


def _obligations(s: Session, domain: str, document: str, modality: str) -> ObligationFilter:
    words = vocabulary(s)
    code = next((key for key, label in words.domains.items() if domain in (key, label)), "")
    if domain and not code:
        raise BadInput(f"没有“{domain}”这个领域。可用的领域：{'、'.join(words.domains.values())}。")
    if document and document not in words.documents:
        raise BadInput(f"没有编号为“{document}”的文件。可用的文件：{'、'.join(words.documents)}。")
    return ObligationFilter(domain=code, document=document, modality=modality, withdrawn=True)


@reports.command()
@pass_desk
def work(desk: Desk) -> None:
    """在前台逐份生成页面上发起的、还在等待的导出；没有等待的就结束。"""
    ended = work_off(desk.config, desk.database, secrets.token_hex(8))
    told = "，".join(f"{state.label} {number} 份" for state, number in sorted(ended.items()))
    click.echo(f"导出：{told}。" if ended else "没有等待中的导出，或者同时生成的份数已满（TRACKER_WORKERS）。")


@reports.command(name="jobs")
@pass_desk
def list_jobs(desk: Desk) -> None:
    """列出最近发起的五十份导出：状态、主体、筛选、截止时点、谁在何时发起。"""
    with desk.database.reading(desk.operator.entities) as s:
        rows = newest_jobs(s)
        people = names(s, [row.requested_by for row in rows])
        entities = {one.id: one.short_name for one in entity_choices(s, desk.operator)}
        for row in rows:
            moment = f"{clock.local(row.as_of):%Y-%m-%d %H:%M:%S}" if row.as_of else "开始生成时"
            far = f" {row.done:,}/{row.total:,} 行" if row.state == JobState.RUNNING and row.total else ""
            click.echo(f"{row.id:>6}  {row.state.label}{far}  {'、'.join(entities.get(one, str(one)) for one in row.entities)}  {row.kind.label}  截至 {moment}  {row.filter_words}")
            click.echo(f"        {people[row.requested_by].name} {clock.local(row.requested_at):%Y-%m-%d %H:%M:%S}" + (f"  {row.error}" if row.error else ""))
    if not rows:
        click.echo("还没有人发起过导出。")


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

"""The index of a package: one page that needs no server and no script, from duties to evidence and from evidence to duties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from urllib.parse import quote

from sqlalchemy import select

from ... import clock
from ...assignments.queries import TaskRow, cited_ids, task_stream
from ...assignments.workflow import shown_state
from ...evidence.models import Evidence
from ...workbook.sheets import Cover
from ..rows import Source, batches, cited_by, proved_by, span
from .notes import CHECKER, HOW, PAGE_NAME, SUMS

STYLE = """
:root{color-scheme:light dark;--ink:light-dark(#1f3a5f,#9fc1ee);--text:light-dark(#1f2933,#dde3ea);--grey:light-dark(#5b6673,#9aa5b1);--rule:light-dark(#d3dae3,#3a4450);--pale:light-dark(#eef2f7,#232b35);--page:light-dark(#fff,#171c22)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:24px;font:14px/1.5 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--text);background:var(--page)}
h1{font-size:22px;color:var(--ink);margin:0 0 4px}h2{font-size:16px;color:var(--ink);border-bottom:1px solid var(--ink);margin:32px 0 8px;padding-bottom:4px}h3{font-size:14px;margin:20px 0 4px}
a{color:var(--ink)}p{margin:4px 0}.grey{color:var(--grey)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:12px 0}dt{color:var(--grey)}dd{margin:0;white-space:pre-line;overflow-wrap:anywhere}
nav a{margin-right:16px}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{border:1px solid var(--rule);padding:4px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:var(--pale);font-weight:600;white-space:nowrap}
ul{margin:0;padding-left:16px}.day,.num{white-space:nowrap;font-variant-numeric:tabular-nums}.num{text-align:right}code{font:11px/1.4 Consolas,monospace;overflow-wrap:anywhere}
@media(max-width:700px){body{padding:12px}.wide{overflow-x:auto}}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:9pt}table{font-size:8pt}thead{display:table-header-group}tr,h3{break-inside:avoid}h3{break-after:avoid}nav{display:none}a{text-decoration:none}@page{size:A4 landscape;margin:12mm}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def index_page(sources: Sequence[Source], cover: Cover, files: Mapping[int, str], workbook: str) -> Iterator[bytes]:
    """Yield the page in pieces; whatever comes from people is escaped."""
    for piece in _page(sources, cover, files, workbook):
        yield f"{piece}\n".encode()


def _page(sources: Sequence[Source], cover: Cover, files: Mapping[int, str], workbook: str) -> Iterator[str]:
    title = escape(f"{cover.title}　{cover.owner}")
    yield (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{STYLE}</style></head><body>'
    )
    yield f'<h1>{escape(cover.title)}</h1><p>{escape(cover.owner)}　<span class="grey">审计包索引</span></p>'
    yield f'<nav><a href="{quote(workbook)}">打开工作簿</a>{"".join(_ways(sources))}<a href="#check">校验</a></nav>'
    yield f"<dl>{''.join(_fact(label, text) for label, text in cover.facts)}{''.join(_fact(label, f'{number:,}') for label, number in cover.counts)}</dl>"
    for source in sources:
        if len(sources) > 1:
            yield f'<h1 id="{source.entity_id}">{escape(source.entity.name)}</h1>'
        yield from _duties(source, files)
        yield from _evidence(source, files)
    yield (
        f'<h2 id="check">校验</h2><p>打开 <a href="{quote(PAGE_NAME)}">{PAGE_NAME}</a> 并把没有解压的审计包拖上去，或在本目录运行 <code>python {CHECKER}</code>（Windows：<code>py {CHECKER}</code>），逐一核对工作簿、操作留痕与全部文件；'
        f'做法见 <a href="{quote(HOW)}">{HOW}</a>，能证明什么、不能证明什么见工作簿的“校验”表。各文件的 SHA-256 另列于 <a href="{SUMS}">{SUMS}</a>。</p></body></html>'
    )


def _ways(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        whose = f"{escape(source.entity.short_name)}：" if len(sources) > 1 else ""
        for place, label in (("duties", "义务与任务"), ("idle", "没有任务的义务"), ("evidence", "证据")):
            yield f'<a href="#{place}-{source.entity_id}">{whose}{label}</a>'


def _fact(label: str, text: str) -> str:
    return f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"


def _table(headings: Iterable[str]) -> str:
    return f'<div class="wide"><table><thead><tr>{"".join(f"<th>{heading}</th>" for heading in headings)}</tr></thead><tbody>'


def _duties(source: Source, files: Mapping[int, str]) -> Iterator[str]:
    yield f'<h2 id="duties-{source.entity_id}">义务 → 任务 → 证据</h2>'
    held: set[str] = set()
    for obligation_id, rows in groupby(_with_files(source, files), key=lambda row: row[0].obligation_id):
        held.add(obligation_id)
        for place, (task, pieces) in enumerate(rows):
            if not place:
                yield f'<h3 id="{_anchor(source, obligation_id)}">{escape(obligation_id)}　{escape(task.modality.label)}　{escape(task.title)}</h3>'
                yield _table(("任务号", "截止日", "状态", "责任人", "复核人", "所属期间", "证据"))
            yield _task(source, task, pieces, files)
        yield "</tbody></table></div>"
    if not held:
        yield '<p class="grey">筛选范围内没有任务。</p>'
    yield f'<h2 id="idle-{source.entity_id}">没有任务的义务</h2>{_table(("编号", "性质", "标题", "适用性"))}'
    for row in source.scope:
        if row.obligation.id not in held:
            told = (row.obligation.id, row.obligation.modality.label, row.obligation.title, row.standing.label)
            yield f'<tr id="{_anchor(source, row.obligation.id)}">{"".join(f"<td>{escape(text)}</td>" for text in told)}</tr>'
    yield "</tbody></table></div>"


def _with_files(source: Source, files: Mapping[int, str]) -> Iterator[tuple[TaskRow, list[int]]]:
    for some in batches(task_stream(source.s, source.viewer, source.wanted, "obligation")):
        cited = cited_by(source.s, [row.id for row in some])
        yield from ((row, [piece for piece in cited.get(row.id, []) if piece in files]) for row in some)


def _task(source: Source, row: TaskRow, pieces: list[int], files: Mapping[int, str]) -> str:
    state = shown_state(row.state, row.due_on, source.today, row.outdated)[1]
    links = "".join(f"<li>{_link(files[piece])}</li>" for piece in pieces)
    told = "".join(f"<td>{escape(text)}</td>" for text in (state, source.people[row.owner_id], source.people[row.reviewer_id], span(row.period_from, row.period_to)))
    return f'<tr><td class="num">{row.id}</td><td class="day">{row.due_on.isoformat()}</td>{told}<td>{f"<ul>{links}</ul>" if links else ""}</td></tr>'


def _link(path: str) -> str:
    return f'<a href="{quote(path)}">{escape(path.partition("/")[2])}</a>'


def _anchor(source: Source, obligation_id: str) -> str:
    return f"o-{source.entity_id}-{escape(obligation_id)}"


def _own(source: Source, files: Mapping[int, str]) -> list[int]:
    return [one for one in cited_ids(source.s, source.viewer, source.wanted) if one in files]


def _evidence(source: Source, files: Mapping[int, str]) -> Iterator[str]:
    yield f'<h2 id="evidence-{source.entity_id}">证据 → 义务</h2>{_table(("文件", "版本", "所属期间", "取得日", "上传时间", "字节数", "证明的义务", "SHA-256"))}'
    for some in batches(_own(source, files)):
        proves = proved_by(source, some)
        for row in source.s.scalars(select(Evidence).where(Evidence.id.in_(some)).order_by(Evidence.id)).all():
            duties = sorted({obligation_id for _, obligation_id in proves.get(row.id, [])})
            version = f"第 {row.version_no} 版" + ("" if row.is_current else "（已有新版本）")
            links = "<br>".join(f'<a href="#{quote(_anchor(source, one))}">{escape(one)}</a>' for one in duties)
            obtained = row.obtained_on.isoformat() if row.obtained_on else ""
            yield (
                f'<tr><td>{_link(files[row.id])}</td><td>{version}</td><td class="day">{span(row.period_from, row.period_to)}</td><td class="day">{obtained}</td>'
                f'<td class="day">{clock.local(row.uploaded_at):%Y-%m-%d %H:%M}</td><td class="num">{row.size:,}</td><td>{links}</td><td><code>{row.sha256}</code></td></tr>'
            )
            source.s.expunge(row)
    yield "</tbody></table></div>"

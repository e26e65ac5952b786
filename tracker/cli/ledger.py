"""The command that writes a register file from a company's own ledger in Excel, by the same rules as the page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from .. import clock
from ..errors import BadInput, RuleBroken, why_not
from ..ledgers.actions import check, next_edition
from ..ledgers.building import Built, Choices, build, questions
from ..ledgers.fields import CHOSEN, FIELDS, choice, guesses
from ..ledgers.queries import Opened, likeliest
from ..ledgers.rows import NEW, Words, labels
from ..ledgers.sheet import Ledger, ledger
from ..ledgers.writing import Frame, Known, known_of, register_file, says_the_same
from ..register.shape import Register
from ..register.source import Around, read_register, read_stored
from ..register.writing.starter import initials, visible
from ..workbook.container import MOST_BYTES
from ..workbook.reading import Page, cell_name, read_workbook
from .register import beside, file_bytes
from .root import Desk, pass_desk, shown
from .writing import write_new

LISTED = 20


@click.command("ledger")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="要写成的清单文件，不能已经存在")
@click.option("--sheet", default="", help="工作表；不写时取最像台账的一张")
@click.option("--head", type=click.IntRange(1, 1_048_576), help="表头最下面一行的行号；不写时自动辨认")
@click.option("--map", "mapped", multiple=True, help="列=字段，可多次，例如 --map 合规义务=要求 或 --map C=要求；不写的列按列名猜")
@click.option("--value", "valued", multiple=True, help="字段:取值=意思，可多次，例如 --value 性质:原则=应当")
@click.option("--default", "defaulted", multiple=True, help="字段=意思，可多次：台账没有写明时的主体、领域、性质、重要程度、频率，例如 --default 义务主体=证券公司")
@click.option("--name", default="", help="登记册名称；不写时取表头上方的标题或文件名")
@click.option("--issuer", required=True, callback=shown, help="台账的编制单位")
@click.option("--issued", default="", help="台账日期，例如 2026-11-22；不写时用今天")
@click.option("--register", "code", default="", help="登记册代码；不写时取自名称")
@click.option("--prefix", default="", help="义务编号的前缀；不写时取自名称")
@click.option("--after", type=click.Path(path_type=Path), help="上次由同一台账写成的清单文件：相同的行沿用原来的编号")
@click.option("--leave", is_flag=True, help="不导入有问题的行，只导入其余各行")
@pass_desk
def import_ledger(
    desk: Desk, file: Path, out: Path, sheet: str, head: int | None, mapped: tuple[str, ...], valued: tuple[str, ...], defaulted: tuple[str, ...],
    name: str, issuer: str, issued: str, code: str, prefix: str, after: Path | None, leave: bool,
) -> None:
    """由公司自己的台账（.xlsx）写出自己的清单；不改动数据库。"""
    if out.exists():
        raise RuleBroken(f"{out} 已经存在，没有改动它。请用 --out 换一个文件名。")
    main = read_register(file_bytes(desk.config.register), str(desk.config.register))
    earlier = read_stored(file_bytes(after), str(after)) if after else None
    data, words = _bytes(file), _words(main, earlier)
    read = ledger(_page(data, file.name, sheet), head)
    choices = Choices(
        read.title, head, _columns(read, mapped), _values(valued, words), _defaults(defaulted, words),
        earlier.key if earlier else code, visible(name or (earlier.name if earlier else read.above or file.stem))[:60], issuer,
        issued or clock.today().isoformat(), prefix, leave,
    )
    built = _built(read, choices, words)
    frame = _frame(choices, earlier, f"{visible(file.name)}，SHA-256 {hashlib.sha256(data).hexdigest()}")
    text = _text(built, frame, earlier, file_bytes(after) if after else b"")
    # What the reader would not take is not written.
    read_register(text.encode(), str(out), _beside(desk, main))
    write_new(out, text)
    click.echo(f"已写出 {out}：登记册 {frame.register}“{frame.name}”，{len(built.entries)} 项义务；{len(built.left)} 处不导入，{len(built.remarks)} 处请留意。")
    for line in [*(f"{one.place}：{one.why}" for one in built.left), *(one.sentence for one in built.remarks)]:
        click.echo(f"  {line}")


def _built(read: Ledger, choices: Choices, words: Words) -> Built:
    found = build(read, choices.wishes, words)
    for problem in found.problems[:LISTED] if not choices.leave else ():
        click.echo(f"  {problem.sentence}", err=True)
    check(read, choices, Opened((), choices, words, read, "", questions(read, choices.wishes, words), found))
    return found


def _text(built: Built, frame: Frame, earlier: Register | None, before: bytes) -> str:
    held = known_of(earlier) if earlier else Known()
    text = register_file(built.entries, frame, held)
    if earlier and says_the_same(text, before.decode(), frame.issued != clock.today()):
        return before.decode()
    return register_file(built.entries, replace(frame, edition=next_edition(earlier.edition, clock.today())), held) if earlier else text


def _beside(desk: Desk, main: Register) -> Callable[[str], Around]:
    """Return what stands around the file: the registers in force, before there are any the main register of the settings."""
    held = beside(desk)
    names = [one.id for document in main.documents for clause in document.clauses for one in clause.obligations]
    alone = Around(
        dict.fromkeys(main.domains, main.name), dict.fromkeys(main.subjects, main.name), documents={one.id: main.name for one in main.documents},
        obligations=dict.fromkeys(names, main.name), prefixes={one.partition("-")[0]: main.name for one in names},
    )
    return lambda key: alone if (found := held(key)) == Around() else found


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as reason:
        raise BadInput(f"读不到台账文件 {path}：{why_not(reason)}。请检查路径。") from None


def _page(data: bytes, name: str, sheet: str) -> Page:
    pages = [page for page in read_workbook(data, name).sheets if page.rows and (sheet or not page.hidden)]
    if not sheet and pages:
        return likeliest(pages)
    found = next((page for page in pages if page.title == sheet), None)
    if found is None:
        raise BadInput(f"“{name}”里没有有内容的工作表“{sheet}”。有：{'、'.join(page.title for page in pages) or '（没有）'}。" if sheet else f"“{name}”里没有有内容的工作表。")
    return found


def _field(text: str, known: Sequence[str]) -> str:
    """Read a field by its code or by the beginning of its label."""
    told = text.strip()
    for code in known:
        if told and told in {code, FIELDS[code].label, FIELDS[code].label.partition("（")[0]}:
            return code
    raise BadInput(f"没有“{told}”这个字段。可以写：{'、'.join(FIELDS[code].label.partition('（')[0] for code in known)}。")


def _parted(option: str, text: str, mark: str, example: str) -> tuple[str, str]:
    left, found, right = text.rpartition(mark) if option == "--map" else text.partition(mark)
    if not found or not left.strip() or not right.strip():
        raise BadInput(f"{option} 写成 {example}，不能是“{text}”。")
    return left.strip(), right.strip()


def _columns(read: Ledger, mapped: Sequence[str]) -> dict[int, str]:
    columns = dict(zip((one.number for one in read.columns), guesses(one.parts for one in read.columns), strict=True))
    for text in mapped:
        left, right = _parted("--map", text, "=", "列=字段")
        named = [one.number for one in read.columns if left in {one.heading, *one.parts[-1:]}]
        numbers = named or [one.number for one in read.columns if cell_name(one.number, 1)[:-1] == left.upper()]
        if len(numbers) != 1:
            several = f"有 {len(numbers)} 列叫“{left}”，请改写列号" if numbers else f"没有“{left}”这一列"
            raise BadInput(f"{read.title}：{several}。各列是：{'、'.join(f'{cell_name(one.number, 1)[:-1]} {one.heading}' for one in read.columns[:LISTED])}。")
        columns[numbers[0]] = _field(right, list(FIELDS))
    return columns


def _meant(field: str, text: str, words: Words) -> str:
    if field == "domain" and text in {NEW, "新设"}:
        return NEW
    found = choice(field, text, labels(field, words))
    if found is None:
        raise BadInput(f"“{text}”不是可选的{FIELDS[field].label}。可以写：{'、'.join(list(labels(field, words).values())[:LISTED])}{'，或“新设”' if field == 'domain' else ''}。")
    return found


def _values(valued: Sequence[str], words: Words) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for text in valued:
        left, right = _parted("--value", text, ":", "字段:取值=意思")
        value, meaning = _parted("--map", right, "=", "字段:取值=意思")
        code = _field(left, list(CHOSEN))
        found.setdefault(code, {})[value] = _meant(code, meaning, words)
    return found


def _defaults(defaulted: Sequence[str], words: Words) -> dict[str, str]:
    found = {"modality": "must", "severity": "medium", "cadence": "annual", "domain": NEW}
    for text in defaulted:
        left, right = _parted("--default", text, "=", "字段=意思")
        code = _field(left, list(CHOSEN))
        found[code] = _meant(code, right, words)
    return found


def _words(main: Register, earlier: Register | None) -> Words:
    own: Mapping[str, str] = {code: one.label for code, one in earlier.domains.items()} if earlier else {}
    return Words({**{code: one.label for code, one in main.domains.items()}, **own}, {code: one.label for code, one in main.subjects.items()}, frozenset(own))


def _frame(choices: Choices, earlier: Register | None, source: str) -> Frame:
    key = choices.register or f"{initials(choices.name)}_ledger"
    document, edition, prefix = key.replace("_", "-"), f"{clock.today():%Y.%m}", choices.prefix or f"L{initials(choices.name)[:6]}".upper()
    if earlier:
        document, edition = earlier.documents[0].id, earlier.edition
        prefix = next((one.id.partition("-")[0] for document_ in earlier.documents for clause in document_.clauses for one in clause.obligations), prefix)
    return Frame(key, choices.name, edition, document, prefix, choices.name, visible(choices.issuer), date.fromisoformat(choices.issued), source, f"工作表“{choices.sheet}”")

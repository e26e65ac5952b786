"""Measure the register at 10,000 obligations: reading a file and putting it in force, against PyYAML's C loader; searching.

Both of a pair are given the same bytes in one process and take turns; what counts is the best processor time of each.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import yaml
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import schema
from tracker.audit import trail
from tracker.db import EVERY_ENTITY, Database
from tracker.editions.actions import put_in_force
from tracker.people.access import operator
from tracker.register.changes import located
from tracker.register.models import Obligation
from tracker.register.queries import ObligationFilter, obligations
from tracker.register.source import read_register
from tracker.words import Consequence, Modality, Severity

OBLIGATIONS, A_CLAUSE, A_DOCUMENT, LAWS, ROUNDS = 10_000, 5, 500, 4, 3
REPEATED = 20
NAME = "many.yaml"
HOST = operator("计时")
# In one obligation of two hundred.
RARE = "担保事项另行审议。"
CADENCES = ("cadence: annual", "cadence: continuous\n            review_every: quarterly", "cadence: event\n            trigger: 拟对外提供担保")


@dataclass(frozen=True, slots=True)
class Against:
    """One measurement: what of ours, in seconds, against what other thing."""

    what: str
    ours: float
    other: str
    theirs: float

    def __str__(self) -> str:
        """Return the line to print."""
        return f"{self.what}: {self.ours:.3f} s, {self.other} {self.theirs:.3f} s, ratio {self.ours / self.theirs:.2f} x"


def file(count: int = OBLIGATIONS, laws: int = LAWS) -> bytes:
    """Write a register of this many obligations, each with its own words, so many laws and as much text as in life."""
    return "".join(_lines(count, laws)).encode()


def _lines(count: int, laws: int) -> Iterator[str]:
    yield 'format: 1\nregister: many\nname: 计时用清单\nedition: "2026.12"\n'
    yield "domains:\n" + "".join(f"  domain_{number}: {{label: 领域{number}, en: Domain {number}}}\n" for number in range(30))
    yield "subjects:\n" + "".join(f"  subject_{number}: {{label: 主体{number}, en: Subject {number}}}\n" for number in range(25))
    yield "documents:\n"
    for first in range(0, count, A_DOCUMENT):
        yield f"  - id: text-{first}\n    title: 第 {first} 号文件\n    title_en: Text {first}\n    issuers: [某某机关]\n    issued: 2026-01-01\n    nature: 计时\n    clauses:\n"
        for number in range(first, min(first + A_DOCUMENT, count)):
            place, at = divmod(number - first, A_CLAUSE)
            if at == 0:
                yield f"      - no: {place + 1}\n        title: 第 {place + 1} 条\n        sentences: [{', '.join(['obligation'] * A_CLAUSE)}]\n        obligations:\n"
            yield _obligation(number, f"T{first}-{place + 1:02d}-{at + 1:02d}", laws)


def _obligation(number: int, code: str, laws: int) -> str:
    listed = "".join(
        f"\n              - name: 中华人民共和国某某法之{law}\n                articles: [\"{number % 900 + law + 1}\", \"{law + 1}-1\"]\n                version: 2019年修订\n                basis: full_text"
        for law in range(laws)
    )
    return f"""\
          - id: {code}
            anchor: 在第 {number} 处应当全面了解投资者情况
            modality: {tuple(Modality)[number % 4]}
            basis: implied
            subjects: [subject_{number % 25}, subject_{(number + 7) % 25}, subject_{(number + 11) % 25}]
            title: 第 {number} 项了解客户
            statement: 第 {number} 项：销售产品或提供服务之前，收集并核实客户的身份、财产与收入状况、投资知识和经验、风险偏好，形成记录并妥善保存备查。{RARE if number % 200 == 0 else ''}
            en: Item {number}. Know the customer before selling a product or rendering a service, and keep the record.
            domain: domain_{number % 30}
            severity: {tuple(Severity)[number % 3]}
            consequences: [{tuple(Consequence)[number % 3]}, {tuple(Consequence)[number % 3 + 3]}]
            law:{listed}
            evidence: [适当性管理制度与流程, 客户信息收集与核实记录, 第 {number} 项检查记录]
            {CADENCES[number % 3]}
"""


def best(*turns: Callable[[], object]) -> list[float]:
    """Let each take its turn, several times, and return the best processor time of each."""
    spent = [float("inf")] * len(turns)
    for _ in range(ROUNDS):
        for number, turn in enumerate(turns):
            gc.collect()
            began = time.process_time()
            turn()
            spent[number] = min(spent[number], time.process_time() - began)
    return spent


def reading(data: bytes) -> Against:
    """Read the file, checked in every way, against the C loader that only parses it."""
    ours, theirs = best(lambda: read_register(data, NAME), lambda: yaml.load(data, yaml.CSafeLoader))
    return Against(f"reading {OBLIGATIONS:,} obligations ({len(data) / 1e6:.1f} MB)", ours, "yaml.CSafeLoader", theirs)


@contextmanager
def founded() -> Iterator[Database]:
    """Give a database with nothing in it but its schema and an empty trail."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        schema.build(database)
        with database.writing() as s:
            trail.found(s)
        yield database
        database.close()


def loading(data: bytes) -> Against:
    """Read the file and put it in force in an empty database, committed and searchable, against the C loader that only parses it."""
    def ours() -> None:
        with founded() as database, database.writing(EVERY_ENTITY) as s:
            put_in_force(s, HOST, data, NAME)

    spent, theirs = best(ours, lambda: yaml.load(data, yaml.CSafeLoader))
    return Against(f"putting {OBLIGATIONS:,} obligations in force", spent, "yaml.CSafeLoader", theirs)


def searching(data: bytes) -> Against:
    """Find the 50 obligations of 10,000 that hold two characters, against fetching the same 50 by primary key."""
    with founded() as database:
        with database.writing(EVERY_ENTITY) as s:
            put_in_force(s, HOST, data, NAME)
        wanted = ObligationFilter(q=RARE[:2])
        with database.reading() as s:
            ids = [row.id for row in obligations(s, wanted)]
        assert len(ids) == OBLIGATIONS // 200
        by_key = select(Obligation).where(Obligation.id.in_(ids)).options(selectinload(Obligation.subjects)).order_by(Obligation.position)

        def ours() -> None:
            for _ in range(REPEATED):
                with database.reading() as s:
                    assert len(obligations(s, wanted)) == len(ids)

        def theirs() -> None:
            for _ in range(REPEATED):
                with database.reading() as s:
                    assert len(s.scalars(by_key).all()) == len(ids)

        spent, against = best(ours, theirs)
    return Against(f"searching {OBLIGATIONS:,} obligations for two characters, {len(ids)} found, {REPEATED} times", spent, "the same by primary key", against)


# Each measures one thing at 10,000 obligations from the bytes of the file; more are added here.
MEASURED: tuple[Callable[[bytes], Against], ...] = (reading, loading, searching)


def main() -> None:
    """Print every measurement with its ratio."""
    data = file()
    assert sum(1 for _ in located(read_register(data, NAME))) == OBLIGATIONS
    for measure in MEASURED:
        print(measure(data))


if __name__ == "__main__":
    main()

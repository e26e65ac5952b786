"""From the text of a register file to plain dicts, lists and strings: bounded, nothing guessed, nothing shared."""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner
from yaml.tokens import AliasToken, AnchorToken, DirectiveToken, TagToken

from ..shape import Loc
from .decoding import UNSEEN, Refused, Spot, unseen
from .faults import COUNTED, shown


class PlainParser(Reader, Scanner, Parser, Composer):
    """PyYAML's parser written in Python: slower, the same answers."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # PyYAML was built without libyaml
    CParser = PlainParser  # type: ignore[misc, assignment]

MAX_DEPTH = 24
# Room for 10,000 obligations with half a dozen laws each; ten times less would do for the texts that come with the project.
MAX_NODES = 1_250_000
MAX_PARTS = 100_000

_LISTED = 200
_NOTHING = frozenset({"~", "null", "Null", "NULL"})
# A superset of where an anchor, alias or tag can begin; only then is the text scanned for them token by token.
_PERHAPS_A_SIGN = re.compile(r"[&*!%](?<!\w.)")
_FOLDED = re.compile(r"(?<=[^\x00-\xff]) (?=[^\x00-\xff])")
_SIGNS: dict[type, str] = {
    AliasToken: "别名（*）",
    AnchorToken: "锚点标记（&）",
    TagToken: "类型标记（!）",
    DirectiveToken: "指令（%）",
}
_SYNTAX = (
    ("tab character", "这里用了制表符，YAML 的缩进只能用空格。"),
    ("cannot start any token", "文字不能以“{}”开头，请用引号括起来。"),
    ("mapping values are not allowed", "这里的冒号不合语法：请检查缩进，含“: ”的文字请用引号括起来。"),
    ("sequence entries are not allowed", "这里的“- ”不合语法，请检查缩进。"),
    ("could not find expected ':'", "这里缺少冒号，请写成“键: 值”。"),
    ("',' or ']'", "从这里开始的方括号没有闭合，或各项之间缺少逗号。"),
    ("',' or '}'", "从这里开始的花括号没有闭合，或各项之间缺少逗号。"),
    ("'-' indicator", "这里与上面的列表没有对齐，请检查缩进，或上一行多了“- ”。"),
    ("expected key", "这里与上面的键没有对齐，请检查缩进，或上一行的引号、冒号。"),
    ("another document", "一个文件只能有一份清单，请删去多余的“---”。"),
    ("alias", "不支持 YAML 的别名（*），请把内容完整写出。"),
    ("anchor", "不支持 YAML 的锚点标记（&），请把内容完整写出。"),
    ("tag", "不支持 YAML 的类型标记（!），请去掉，或把文字用引号括起来。"),
    ("document start", "这里的写法结束了文件，后面却还有内容，请检查缩进。"),
)


class _Nodes(CParser):
    """Composes nodes whose scalars all stay strings, and stops at too many or too deep."""

    depth = 0
    count = 0

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        """Give every node the same tag: nothing is guessed from how a scalar looks."""
        return ""

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        """Count a node and its depth, before libyaml goes deeper on the stack of C."""
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH or self.count > MAX_NODES:
            limit = f"层次超过 {MAX_DEPTH} 层" if self.depth > MAX_DEPTH else f"内容超过 {MAX_NODES:,} 项"
            raise Refused(_unlike(parent, limit))

    def ascend_resolver(self) -> None:
        """Come back up one level."""
        self.depth -= 1


def _unlike(node: Node | None, limit: str) -> Spot:
    return (*_mark(node), f"这里的{limit}，不像一份义务清单。")


def composed(text: str) -> Node:
    """Compose the one document of this text into nodes, or raise Refused."""
    try:
        root = _Nodes(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise Refused(_syntax(error, text)) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Refused((1, 1, "文件不是可以读取的 YAML。")) from None
    if root is None:
        raise Refused((1, 1, "文件里没有内容。"))
    return root


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Spot:
    problem, context = error.problem or "", error.context or ""
    if "quoted scalar" in context and error.context_mark:
        return (*_mark(error.context_mark), "从这里开始的引号没有正确闭合，或引号内有不能识别的转义。")
    opened = any(part in context for part in ("flow sequence", "flow mapping", "simple key"))
    mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
    character = text[mark.index : mark.index + 1] if mark else ""
    if "cannot start any token" in problem and character == "\t":
        problem = "tab character"
    told = [said for where in (problem, context) for part, said in _SYNTAX if part in where]
    sentence = told[0] if told else "这里的 YAML 写法有误，请检查缩进、冒号和引号。"
    return (*_mark(mark), sentence.format(character))


def refuse_signs(text: str) -> None:
    """Refuse aliases, anchors, tags and directives, each at its place."""
    if not _PERHAPS_A_SIGN.search(text):
        return
    scanner = _Nodes(text)
    spots: list[Spot] = []
    while (token := scanner.get_token()) is not None and len(spots) < _LISTED:
        if sign := _SIGNS.get(type(token)):
            spots.append((*_mark(token.start_mark), f"不支持 YAML 的{sign}。如果这是文字，请加引号；否则请把内容完整写出。"))
    if spots:
        raise Refused(*spots)


def _mark(thing: Any) -> tuple[int, int]:
    mark = getattr(thing, "start_mark", thing)
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


class Walk:
    """Turns nodes into plain dicts, lists and strings; `noted` is what was wrong on the way."""

    def __init__(self) -> None:
        self.noted: list[tuple[Spot, Loc]] = []
        self.parts = 0

    def plain(self, node: Node, loc: Loc) -> Any:
        """Turn one node and everything below it."""
        if isinstance(node, ScalarNode):
            return self._scalar(node, loc)
        if isinstance(node, SequenceNode):
            return [self.plain(member, (*loc, index)) for index, member in enumerate(node.value)]
        return self._part(node, loc)

    def _part(self, node: Node, loc: Loc) -> dict[str, Any]:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Refused(_unlike(node, f"内容超过 {MAX_PARTS:,} 组"))
        result: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value
            if not isinstance(key, ScalarNode):
                self._note(key, loc, "键只能是一个词，不能是列表或一组“键: 值”。")
            elif name in result:
                self._note(key, (*loc, name), f"键{shown(name)}在同一处写了不止一次。")
            else:
                result[name] = self.plain(value, (*loc, name))
        return result

    def _scalar(self, node: ScalarNode, loc: Loc) -> str:
        value: str = node.value
        if not node.style and value in _NOTHING:
            return ""
        if node.style == '"' and (found := UNSEEN.search(value)):
            self._note(node, loc, unseen(found[0]))
        if "\n" in value or "\t" in value or (" " in value and node.start_mark.line != node.end_mark.line):
            # Folding puts a space at each break; between two Chinese characters it is none of the text's.
            return _FOLDED.sub("", " ".join(value.split()))
        return value

    def _note(self, node: Node, loc: Loc, sentence: str) -> None:
        if len(self.noted) <= COUNTED:
            self.noted.append(((*_mark(node), sentence), loc))


class Spots:
    """Finds the line and column of a path; of the nearest part around it when the path itself is not there."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._pairs: dict[int, dict[str, tuple[Node, Node]]] = {}

    def find(self, loc: Loc) -> tuple[int, int]:
        """Return line and column, both from 1."""
        node = key = self.root
        for part in loc:
            if part == "[key]":
                return _mark(key)
            if isinstance(node, SequenceNode) and isinstance(part, int):
                key = node = node.value[part]
            elif isinstance(node, MappingNode) and isinstance(part, str) and part in self._of(node):
                key, node = self._of(node)[part]
        return _mark(node)

    def _of(self, node: MappingNode) -> dict[str, tuple[Node, Node]]:
        if id(node) not in self._pairs:
            scalars = [(key, value) for key, value in node.value if isinstance(key, ScalarNode)]
            # The first of equal keys is the one whose value counts.
            self._pairs[id(node)] = {key.value: (key, value) for key, value in reversed(scalars)}
        return self._pairs[id(node)]

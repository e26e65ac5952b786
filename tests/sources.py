"""The project's own source files, read as trees, for the tests of the house rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tracker

ROOT = Path(tracker.__file__).resolve().parent


@dataclass(frozen=True)
class Source:
    """One Python file of the project with its tree."""

    path: Path

    @property
    def module(self) -> str:
        """Return the dotted name."""
        parts = self.path.relative_to(ROOT.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def unit(self) -> str:
        """Return the room, door or lone file that it belongs to; empty for tracker/__init__.py."""
        return [*self.module.split("."), ""][1]

    @property
    def stem(self) -> str:
        """Return its place inside the package, such as `audit/chain`."""
        return self.path.relative_to(ROOT).with_suffix("").as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        """Return the parsed file."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def lines(self) -> int:
        """Count its lines."""
        return len(self.path.read_text(encoding="utf-8").splitlines())

    def imports(self) -> Iterator[str]:
        """Yield the dotted names of all that it imports, relative ones resolved; imports for type checking count too."""
        package = self.module.split(".") if self.path.name == "__init__.py" else self.module.split(".")[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*base, *([node.module] if node.module else [])])
                yield from (f"{origin}.{alias.name}" for alias in node.names)

    def calls(self) -> Iterator[tuple[str, int]]:
        """Yield what is called, as written (`s.commit`), with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node.lineno

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield every function and method."""
        return (n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))

    def public(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        """Yield the public functions and classes of the module, and the public methods of its classes."""
        classes = [node for node in self.tree.body if isinstance(node, ast.ClassDef)]
        methods = [node for kind in classes for node in kind.body]
        for node in [*self.tree.body, *methods]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield node
        yield from (kind for kind in classes if not kind.name.startswith("_"))


SOURCES = [Source(path) for path in sorted(ROOT.rglob("*.py"))]

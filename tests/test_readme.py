"""The manual tells the truth: every command, option, setting, file and link in it exists, and every setting is in it."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest
from PIL import Image

from tests.pictures.make_pictures import LARGEST, PICTURES, SIZE
from tracker.__main__ import main
from tracker.config import KNOWN_ELSEWHERE, PREFIX, ROOT, Config
from tracker.words import Basis, Modality

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
SETTINGS = {PREFIX + item.name.upper(): item for item in fields(Config)}
# Everything written as code: fenced lines, and spans between backticks.
FENCED = [line for block in re.findall(r"```(?:sh|bat)\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
RUN = re.compile(r"-m tracker\b(.*)")
HAN = re.compile("[\u4e00-\u9fff]")


def _command_lines() -> list[str]:
    return sorted({found.group(1).split("  #")[0].strip() for line in (*FENCED, *SPANS) if (found := RUN.search(line))})


def _followed(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = main
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def test_there_are_commands_in_the_manual() -> None:
    assert len(_command_lines()) > 12


@pytest.mark.parametrize("line", _command_lines())
def test_every_command_and_option_in_the_manual_exists(line: str) -> None:
    command, rest = _followed(shlex.split(line))
    assert not isinstance(command, click.Group) or command is main, f"{line}: {command.name} needs a command"
    known = {option for one in command.params for option in one.opts} | {"--help"}
    assert {word for word in rest if word.startswith("-")} <= known, line


def test_every_command_there_is_stands_in_the_manual() -> None:
    def leaves(command: click.Command, path: str) -> list[str]:
        if not isinstance(command, click.Group):
            return [path]
        return [leaf for name, one in command.commands.items() for leaf in leaves(one, f"{path} {name}".strip())]

    told = _command_lines()
    missing = [leaf for leaf in leaves(main, "") if leaf != "serve" and not any(line.startswith(leaf) for line in told)]
    assert missing == []


def test_every_make_target_in_the_manual_exists_and_the_other_way_round() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)) - {"help"}
    told = {name for line in (*FENCED, *SPANS) for name in re.findall(r"^make ([a-z]+)", line)}
    assert told == targets


def test_every_variable_in_the_manual_exists_and_every_setting_is_in_it() -> None:
    told = set(re.findall(r"\bTRACKER_[A-Z_]+", TEXT))
    assert told - KNOWN_ELSEWHERE == set(SETTINGS)


@pytest.mark.parametrize("variable", SETTINGS)
def test_the_table_of_settings_gives_the_default_and_the_meaning_in_force(variable: str) -> None:
    item = SETTINGS[variable]
    default = item.default.relative_to(ROOT).as_posix() if isinstance(item.default, Path) else str(int(item.default) if isinstance(item.default, bool) else item.default)
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{variable}` |"))
    _, _, told_default, told_meaning, _ = (cell.strip() for cell in row.split("|"))
    assert told_default == (f"`{default}`" if default else "（空）")
    core = re.split("[；，（]", item.metadata["about"])[0]
    assert core in told_meaning


def test_every_relative_link_and_picture_leads_to_a_file() -> None:
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", TEXT) if not target.startswith("http")]
    anchors = {re.sub(r"[^\w\u4e00-\u9fff -]", "", line.lstrip("# ")).strip().lower().replace(" ", "-") for line in TEXT.splitlines() if line.startswith("#")}
    assert [target for target in targets if not (target[1:].lower() in anchors if target.startswith("#") else (ROOT / target).is_file())] == []


def test_every_file_of_the_project_named_in_the_manual_exists() -> None:
    place = re.compile(r"(?:tracker|tests|migrations|\.ci)[/\\][\w./\\-]*")
    named = {found for line in TEXT.splitlines() for found in place.findall(line)}
    assert len(named) > 20
    assert [one for one in sorted(named) if not (ROOT / one.replace("\\", "/").rstrip(".")).exists()] == []


def test_the_pictures_are_there_and_small() -> None:
    folder = ROOT / "tests" / "pictures"
    assert {path.name for path in folder.glob("*.png")} == {f"{name}.png" for name, *_ in PICTURES}
    for path in folder.glob("*.png"):
        assert path.stat().st_size <= LARGEST
        assert path.name in TEXT, f"{path.name} is shown nowhere"
        with Image.open(path) as picture:
            assert picture.size == (SIZE["width"], SIZE["height"])


def test_the_chinese_part_comes_first_and_names_every_modality_and_basis() -> None:
    chinese, english = TEXT.split("\n## English\n")
    assert "## 中文" in chinese
    assert len(HAN.findall(chinese)) > 2000 > len(HAN.findall(english))
    for word in (*Modality, *Basis):
        assert word.label in chinese and word.label in english and f"`{word}`" in english


def test_the_figures_name_the_command_that_measures_them() -> None:
    figures = TEXT.split("### Figures")[1].split("###")[0]
    assert "make bench" in figures
    assert re.search(r"\d\.\d+ ×", figures)
    for path in (ROOT / "tests" / "bench").glob("bench_*.py"):
        assert f"tests/bench/{path.name}" in figures, f"{path.name} is measured and not told"

"""What a command line can be wrong in, said in Chinese; click itself says it in English only."""

from __future__ import annotations

import re

import click

HAN = re.compile("[\u4e00-\u9fff]")


def refusal(error: click.UsageError) -> str:
    """Return the sentence for a command line that click refuses, with the way to its help."""
    path = error.ctx.command_path if error.ctx else "python -m tracker"
    return f"{_sentence(error)}用法见 {path} --help。"


def _sentence(error: click.UsageError) -> str:
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"没有命令 {error.command_name}。{_near(error.possibilities)}"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}。{_near(error.possibilities)}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 的写法不对：它要么缺少值，要么不能带值。"
    if isinstance(error, click.MissingParameter):
        return f"缺少{_named(error.param)}。"
    if isinstance(error, click.BadParameter):
        return f"{_named(error.param)} 的值不对。{_allowed(error.param)}"
    return error.message if HAN.search(error.message) else "命令后面有多余的内容。"


def _near(words: object) -> str:
    listed = "、".join(str(word) for word in words) if isinstance(words, (list, tuple)) else ""
    return f"是否想写 {listed}？" if listed else ""


def _named(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "参数"
    return f"选项 {parameter.opts[0]}" if isinstance(parameter, click.Option) else f"参数 {parameter.human_readable_name}"


def _allowed(parameter: click.Parameter | None) -> str:
    kind = parameter.type if parameter is not None else None
    if isinstance(kind, click.Choice):
        return f"可用的值：{'、'.join(str(choice) for choice in kind.choices if choice)}。"
    if isinstance(kind, click.IntRange):
        return f"应为 {kind.min} 到 {kind.max} 之间的整数。"
    return "应为文件，不能是文件夹。" if isinstance(kind, click.Path) and not kind.dir_okay else ""

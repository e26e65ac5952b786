"""How much an official text may be, whatever file it came in, and what a refusal offers instead."""

from __future__ import annotations

MOST_BYTES = 16 * 1024 * 1024
# The longest code of law has a tenth of this; the rule of sentences takes under a second for as much.
MOST_CHARACTERS = 1_000_000
MOST_LINES = 100_000
OFFER = "请提供 TXT、DOCX 或带文字的 PDF。"
TOO_LONG = f"文本超过 {MOST_CHARACTERS // 10_000} 万字或 {MOST_LINES // 10_000} 万行的上限，不像一份公文。请核对是否选错了文件。"

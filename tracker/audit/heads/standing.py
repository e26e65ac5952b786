"""How signing stands, for every door that says so: what keeps it from going on, what an operator does then, and keys that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...db import EVERY_ENTITY, Database
from ...errors import Problem
from . import queries
from .keys import Keyring
from .signing import AFTER, Signer

ACCEPT = '请先查明原因；确属恢复备份的，请运行 python -m tracker heads accept --reason "恢复了哪一份备份"，并请检查密钥（python -m tracker heads list）。'


def hindrances(signer: Signer, chains: Collection[str] | None = None) -> list[str]:
    """Say why the heads of these chains (or of any) cannot be signed now: no key, none here, or a history that does not extend what was signed.

    Each reason stands without what to do about it where that is `ACCEPT`.
    """
    try:
        with signer.database.reading(EVERY_ENTITY) as s:
            every = queries.keys(s)
        if not every:
            return ["还没有签名密钥。请运行 python -m tracker heads key create。"]
        signer.ring.sign(every[-1].fingerprint, "")
        return [bare(why) for chain, why in signer.refusals().items() if chains is None or chain in chains]
    except Problem as problem:
        return [problem.sentence]


def bare(why: str) -> str:
    """Return the reason of a refusal without what to do."""
    return why.removesuffix(AFTER)


def paused(signer: Signer) -> str:
    """Say that a history which is shorter or other than what was signed keeps everything from being signed, and the next step; nothing when it does not.

    Raises Problem when what was signed last cannot be read.
    """
    refused = list(signer.refusals().values())
    more = f"（共 {len(refused)} 处）" if len(refused) > 1 else ""
    return f"签名已暂停{more}：{bare(refused[0])}{ACCEPT}" if refused else ""


def goes_beyond(ring: Keyring, chains: Mapping[str, tuple[int, str]]) -> bool:
    """Tell whether more was signed than these chains have, of which only size and head are known; raises Problem as `Keyring.memory` does."""
    return any(chains.get(chain, (-1, ""))[0] < size or (size == chains[chain][0] and head != chains[chain][1]) for chain, (size, head) in ring.memory().chains.items())


def strangers(database: Database, ring: Keyring) -> str:
    """Name private keys that lie beside those known and say what to do about them; nothing when there are none."""
    with database.reading(EVERY_ENTITY) as s:
        every = queries.keys(s)
    found = ring.strangers({key.fingerprint for key in every})
    if not found:
        return ""
    now = f"现在签名用的是 {every[-1].fingerprint[:16]}…，" if every else ""
    return (
        f"密钥目录 {ring.folder} 中有数据库不认识的密钥：{'、'.join(found)}。恢复了更换密钥之前的备份会这样：{now}后来的更换不在了。"
        "恢复之后还没有再次更换的，请运行 python -m tracker heads key rotate，把新的指纹告知收工作簿的人；已经更换的，把不认识的密钥文件移到别处保存即可，核对以前的工作簿仍用它的指纹。"
    )

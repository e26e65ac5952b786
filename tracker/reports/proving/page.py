"""What stands on 校验: by which numbers the workbook is checked, how, and what that proves and what it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ...audit.heads.notes import CHANGED, FIRST, LOST
from ...audit.heads.signing import Sealed
from ...audit.queries import chain_heads
from ...audit.trail import deployment_id, entity_chain
from ...workbook.proving import proof_sums
from ...workbook.sheets import Cover, Proof
from ...workbook.sums import SUM
from ..rows import Source
from .trail import chains, younger

PROOF, LINKS = "校验", "校验链"
# The facts of the cover that are said again here, where the check reads them.
FACTS = ("主体", "截止时点", "筛选条件", "义务清单版本", "导出人")
ROWS = "行数："
UNSIGNED, KEYS, SHEETS_SIGNED = "未签名", "签名密钥", "工作表签名"
# Each of these is checked by what it says; all else on the page by the digest of the page.
APART = frozenset({
    KEYS, "公钥", "公钥指纹", "启用时间", "启用方式", "更换签名", "接受签名", "登记时间", "登记摘要", "登记指纹", "登记签名", "部署标识", "建立时间", "条数",
    "链头校验值", "签名时间", "签名指纹", "链头签名", "工作表签名时间", "工作表签名指纹", SHEETS_SIGNED,
})
NOT_SEALED = Sealed()
Sealing = Callable[[Sequence[str]], Sealed]
KINDS = {FIRST: "首个密钥", CHANGED: "由上一密钥更换", LOST: "上一密钥遗失后另建"}
HOW = (
    ("", "需要 Python 3.9 或更新的版本，不需要联网，也不需要安装本系统。校验程序 verify.py 在审计包内，也在本系统的 tracker 目录中，六百多行，可以先读再用。在工作簿所在的目录运行下面一条命令（Windows 上把 python 换成 py）："),
    ("命令", "python verify.py 工作簿.xlsx"),
    ("连同证据文件", "python verify.py 工作簿.xlsx --evidence 证据目录"),
    ("整个审计包", "python verify.py 审计包.zip"),
    ("", "不用 Python：在浏览器里打开审计包内的 校验.html（本系统“校验操作留痕”页面也可以下载），把工作簿或没有解压的审计包拖上去。它与 verify.py 分别写成，不需要联网，文件不会离开这台电脑。"),
    ("核对签名密钥", "python verify.py 工作簿.xlsx --fingerprint 公钥指纹"),
    ("与以前的比对", "python verify.py 工作簿.xlsx --earlier 链头文件或以前的工作簿"),
    ("", "公钥指纹要从别处得知：系统的“操作留痕”页面、以前的工作簿，或系统管理员当面告知。写在同一份工作簿里的指纹，换了工作簿的人也能一起换掉。"),
    ("", "全部相符时输出“校验通过”；有一处不符即停在第一处，说明是哪张工作表的哪个单元格，或哪个文件。用 Excel、WPS、LibreOffice 打开后另存，不影响校验。"),
    ("", "操作留痕的隐藏列存有每条记录的原文、所披露的个人信息及其盐值、前一条的校验值；隐藏的工作表“校验链”存有全链每条的校验值。请勿改动。各工作表也有校验值，隐藏的“行校验值”指明是哪一行：填写、排序、加工作表都会被指出，请在副本上做。"),
)
PROVES = (
    ("能证明", "操作留痕的每一条与记录时的原文一致；原文没有被改动、调换、插入，全链没有缺号，末条就是上面的链头；所显示的人员、途径、操作、时间和变更内容由原文得出；证据文件与上传时的 SHA-256 一致。链头经签名的，还能证明签名时持有该密钥的系统认可这个链头；与以前送出的链头文件或工作簿比对（--earlier），能证明那以后没有一条被改写、删去，也没有换回旧备份。"),
    ("不能证明", "一件事当时确实被记录了；记录里说的是真的；最近一次送出链头之后的记录没有被持有签名密钥和系统最高权限的人改写：保证的新鲜程度止于最近一次送出本机的链头。没有签名的，只能拿上面的链头与以前的工作簿、或系统“操作留痕”页面当场显示的链头比对。"),
    ("不在其内", "变更内容和对象中，人员、任务、证据等的名称取自导出时的资料，操作留痕以外各表的内容也是，都不由链证明；它们的每个单元格（不论隐藏与否）由上面的各校验值证明与导出时相同，有签名的证明是系统导出的。颜色、数字格式、链接的去向、图表、批注和隐藏与否不在核对之内；审计包里的目录页和说明只与清单核对，没有签名，以工作簿为准。筛选后的工作簿只列出有关的记录，其余记录只证明其存在与次序。"),
)


def unsealed(_digests: Sequence[str]) -> Sealed:
    """Sign nothing."""
    return NOT_SEALED


def proof_page(sources: Sequence[Source], cover: Cover, counts: Mapping[str, int], sums: Mapping[str, str], sealing: Sealing = unsealed) -> Proof:
    """Describe the page; `counts` and `sums` are rows and digests of the sheets as they were written, `sealing` signs these and says what of the chains is signed."""
    def told(sealed: Sealed, lines: Sequence[tuple[str, str]]) -> Proof:
        return Proof(PROOF, f"{cover.owner}　本页的数字与封面、各表出自同一时刻", _sections(sources, cover, counts, sealed, lines), apart=APART)

    digests = {**sums, PROOF: proof_sums(told(NOT_SEALED, ())).digest}
    sealed = sealing(list(digests.values()))
    note = sealed.sheets
    signed = [("工作表签名时间", note.at), ("工作表签名指纹", note.fingerprint), (SHEETS_SIGNED, note.signature)] if note else [(SHEETS_SIGNED, UNSIGNED)]
    return told(sealed, [*((f"{SUM}{title}", digest) for title, digest in digests.items()), *signed])


def _sections(
    sources: Sequence[Source], cover: Cover, counts: Mapping[str, int], sealed: Sealed, sums: Sequence[tuple[str, str]],
) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    scope = "筛选范围内的记录" if sources[0].narrowed else "截止时点以前的记录，以及其后封存、删除、销毁的记录" if younger(sources) else "全部记录"
    about: list[tuple[str, str]] = [*((label, text) for label, text in cover.facts if label in FACTS), ("操作留痕范围", scope)]
    rows = [(f"{ROWS}{title}", f"{number:,}") for title, number in counts.items()]
    return (
        ("这份工作簿", about), *([(KEYS, list(_key_lines(sealed)))] if sealed.keys else []),
        ("操作留痕的链", list(_chain_lines(sources, sealed))), ("各工作表", [*rows, *sums]), ("怎样校验", HOW), ("校验的意义", PROVES),
    )


def _key_lines(sealed: Sealed) -> Iterator[tuple[str, str]]:
    for key in sealed.keys:
        yield from (("公钥", key.public), ("公钥指纹", key.fingerprint), ("启用时间", key.at), ("启用方式", KINDS.get(key.kind, key.kind)))
        if key.kind == CHANGED:
            yield from (("更换签名", key.old_signature), ("接受签名", key.new_signature))
    if note := sealed.registry:
        yield from (("登记时间", note.at), ("登记摘要", note.digest), ("登记指纹", note.fingerprint), ("登记签名", note.signature))


def _chain_lines(sources: Sequence[Source], sealed: Sealed) -> Iterator[tuple[str, str]]:
    s = sources[0].s
    names = {entity_chain(one.entity_id): one.entity.name for one in sources}
    for chain in chain_heads(s, chains(sources)):
        yield "链", chain.chain_id
        yield "所属主体", names[chain.chain_id]
        yield "部署标识", deployment_id(s)
        yield "建立时间", chain.created_at
        yield "条数", f"{chain.size:,}"
        yield "链头校验值", chain.head
        if note := sealed.heads.get(chain.chain_id):
            yield from (("签名时间", note.at), ("签名指纹", note.fingerprint), ("链头签名", note.signature))
        else:
            yield "链头签名", UNSIGNED

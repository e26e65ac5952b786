// Digests of what a sheet shows, row by row and as a whole: the same after any spreadsheet program saved it again, another when any cell is.
const ROW_SUMS = "行校验值", SUM = "校验值：", BLANK = "--------", MOST_ROWS = 1 << 20, MOST_IN_A_CELL = 32_000;
const SHEETS = ["工作表签名", "工作表签名时间", "工作表签名指纹"];

class Sums {
  // `short` of each row by its place, `at` which row of the sheet that is, and `whole` over all of them.
  constructor(title) {
    Object.assign(this, { title, short: new Map(), at: new Map(), whole: new Sha256().add(UTF8.encode(`CA1 sheet\n${title}\n`)), last: 0 });
  }

  add(number, cells) {
    // Cells by their letters, each with its text and its type in the file. Of 校验 only what is not checked by what it says, numbered for itself.
    if (!cells.size) return;
    const own = this.title === PROOF, [[label]] = cells.values();
    if (own && ((PARTS.has(label) && label !== "链" && label !== "所属主体") || SHEETS.includes(label) || label === "签名密钥" || label.startsWith(SUM))) {
      // Label and one text, nothing beside them: another text would be seen and not checked.
      need([...cells.keys()].join() === (label === "签名密钥" ? "B" : "B,E"), `${PROOF}!第 ${number} 行（${label}）：这一行写有别的内容，已被改动。`);
      return;
    }
    const place = own ? this.short.size + 1 : number, lines = [...cells].map(([letters, [text, kind]]) => this.line(letters, text, kind));
    const sum = digest("CA1 row", place, lines.join(""));
    this.short.set(place, sum.slice(0, 8));
    this.at.set(place, number);
    this.whole.add(UTF8.encode(`${sum}\n`));
    this.last = Math.max(this.last, place);
  }

  line(letters, text, kind) {
    if (kind === "n" && /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$/.test(text)) return `${letters}=${Number(text).toFixed(7)}\n`;
    const written = asShown(text).replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    return `${letters}${["s", "str", "inlineStr"].includes(kind) ? " " : "?"}${written}\n`;
  }

  shorts() {
    const pieces = [];
    for (let place = 1; place <= Math.min(this.last, MOST_ROWS); place++) pieces.push(this.short.get(place) ?? BLANK);
    return pieces.join("");
  }
}

function sumsOf(check) {
  // What 校验 says of the sheets: [title, place, digest] of each, and its note.
  const listed = [...check.facts].filter(([label]) => label.startsWith(SUM)).map(([label, [place, text]]) => [label.slice(SUM.length), place, text]);
  const [unnamed] = [...check.facts.values()].find(([, text]) => text === "未签名" || /^[0-9A-Za-z+/]{86}==$/.test(text)) ?? [PROOF];
  const [[place, signature], [, since], [, by]] = SHEETS.map((label) => check.facts.get(label) ?? [unnamed, ""]), signed = !["", "未签名"].includes(signature);
  const whole = (listed.length > 0) === (signature !== "") && (signature !== "") === check.book.sheets.has(ROW_SUMS);
  need(whole && (since !== "") === signed && (by !== "") === signed, `${place}（${SHEETS[0]}）：各工作表的校验值或其签名不全，已被删改。`);
  return { listed, place, signature, since, by };
}

async function checkSheets(check) {
  // Every sheet against its digest; a row that was changed is named by its short digest.
  const { book, sums: { listed } } = check, held = [...book.sheets.keys()].filter((title) => title !== ROW_SUMS);
  for (let i = 0; i < Math.max(held.length, listed.length); i++) {
    const [title, place] = listed[i] ?? ["", PROOF], there = held[i] ?? "";
    need(title === there, `${place}（${SUM}）：第 ${i + 1} 张工作表按此应为“${title}”，现为“${there}”：有工作表被加入、删去、改名或移动。`);
  }
  const rows = [], stated = new Map(), should = [["工作表", "起始行", "各行校验值"]];
  for await (const [, cells] of book.rows(ROW_SUMS)) {
    const texts = [...cells.values()];
    rows.push(texts);
    if (texts.length) stated.set(texts[0], (stated.get(texts[0]) ?? "") + texts.slice(2).join(""));
  }
  for (const [title, place, told] of listed) {
    const sums = await book.summed(title), here = sums.shorts(), there = stated.get(title) ?? "";
    if (sums.whole.hex() !== told) {
      let same = 0;
      while (same < here.length && here[same] === there[same]) same++;
      const row = Math.floor(same / 8) + 1;
      throw new Fault(here === there ? `${place}（${SUM}${title}）：与这张工作表的内容不符，已被改动。` : `${title}!第 ${sums.at.get(row) ?? row} 行：与导出时的校验值不符，这一行已被改动、加入、删去或移动。`);
    }
    for (let at = 0; at < here.length; at += MOST_IN_A_CELL) should.push([title, String(at / 8 + 1), here.slice(at, at + MOST_IN_A_CELL)]);
  }
  for (let i = 0; i < Math.max(rows.length, should.length); i++) {
    const same = rows[i] && should[i] && rows[i].length === should[i].length && rows[i].every((text, at) => text === should[i][at]);
    need(same, `${ROW_SUMS}!第 ${i + 1} 行：与各工作表的内容不符，已被改动。`);
  }
}

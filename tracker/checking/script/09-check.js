// The check of one workbook, in the order in which one thing rests on another.
const TRAIL = "操作留痕", LINKS = "校验链", PROOF = "校验", EVIDENCE = "证据目录", ROWS = "行数：";
const COVERING = { "disclosure.sealed": "sealed", "disclosure.unsealed": "", "disclosure.redacted": "redacted" };
// Labels that belong to a chain, a key or the registry, of which there may be several.
const PARTS = new Set(["公钥", "公钥指纹", "启用时间", "启用方式", "更换签名", "接受签名", "登记时间", "登记摘要", "登记指纹", "登记签名",
  "链", "所属主体", "部署标识", "建立时间", "条数", "链头校验值", "签名时间", "签名指纹", "链头签名"]);
const MOST_SIGNED = 2000;
const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const fact = (facts, label) => { sure(facts.has(label), label); return facts.get(label); };

const SCOPES = ["全部记录", "筛选范围内的记录", "截止时点以前的记录，以及其后封存、删除、销毁的记录"];
const labelOf = (field) => {
  const last = field.slice(field.lastIndexOf(".") + 1);
  return Object.hasOwn(FIELDS, last) ? FIELDS[last] : field;
};

class Check {
  static async of(blob, { fingerprint = "", going = () => {} } = {}) {
    const check = new Check();
    check.book = await Workbook.open(blob);
    await check.proof();
    await check.links(going);
    check.signers = checkSignatures(check, fingerprint);
    await check.trail(going);
    if (check.sums.listed.length) await checkSheets(check);
    for (const [label, [place, text]] of check.facts) {
      if (!label.startsWith(ROWS) || check.sums.listed.length) continue;
      const title = label.slice(ROWS.length), rows = thousands(await check.book.count(title) - 1);
      need(text === rows, `${place}：写明“${title}”有 ${text} 行，表中有 ${rows} 行。`);
    }
    return check;
  }

  async proof() {
    // Labels and texts of 校验; those of a chain, a key or the registry follow the line that begins it.
    Object.assign(this, { facts: new Map(), chains: new Map(), keys: [], registry: new Map(), held: new Map(), uploads: new Set(), destroyed: new Set() });
    let part = new Map(), signing = false;
    for await (const [number, cells] of this.book.rows(PROOF)) {
      const [label, text] = [...cells.values(), "", ""], place = `${PROOF}!${[...cells.keys(), "", ""][1]}${number}`;
      if (label === "链") this.chains.set(text, part = this.chains.get(text) ?? new Map());
      if (label === "公钥") this.keys.push(part = new Map());
      if (label === "登记时间") part = this.registry;
      const facts = PARTS.has(label) ? part : this.facts, once = PARTS.has(label) || SHEETS.includes(label) || label.startsWith(ROWS) || label.startsWith(SUM);
      signing = PARTS.has(label) || (signing && !label.startsWith(ROWS));
      need(!signing || cells.size < 2 || PARTS.has(label), `${place}（${label}）：这一行不是导出的，或已被改动。`);
      need(!once || !facts.has(label), `${place}（${label}）：写了两次，其中一次不是导出的。`);
      if (!facts.has(label)) facts.set(label, [place, text]);
    }
    need(this.chains.size, `${PROOF}：没有写明操作留痕的链，已被删改。`);
    need(this.chains.size + this.keys.length <= MOST_SIGNED, `${PROOF}：列出的链和公钥多于 ${thousands(MOST_SIGNED)}，不像本系统导出的，没有核对。`);
    const unnamed = [...this.facts.values()].find(([, text]) => SCOPES.includes(text)) ?? [PROOF];
    const [place, scope] = this.facts.get("操作留痕范围") ?? [unnamed[0], ""];
    need(SCOPES.includes(scope), `${place}（操作留痕范围）：没有“${scope}”这样的范围，或这一行的名称不对，已被改动。`);
    this.whole = scope === SCOPES[0];
    for (const [name, chain] of this.chains) this.held.set(name, [[digest("CA1 genesis", fact(chain, "部署标识")[1], name, fact(chain, "建立时间")[1], ""), ""]]);
    this.deployment = [...this.chains.values()][0].get("部署标识")[1];
  }

  async links(going) {
    // The hashes of every chain follow each other without a gap from the beginning up to the head.
    for await (const row of this.book.table(LINKS, "链", "序号", "内容校验值", "本条校验值")) {
      const [name, seq, body, entry] = ["链", "序号", "内容校验值", "本条校验值"].map((heading) => row.text(heading)), held = this.held.get(name) ?? [["", ""]];
      need(seq === String(held.length - 1), `${row.place("链")}：这一行应为链“${name}”第 ${held.length - 1} 条，写的是“${seq}”：有记录被删去、插入或调换。`);
      need(digest("CA1 entry", name, seq, held.at(-1)[0], body, "") === entry, `${row.place("本条校验值")}：链“${name}”第 ${seq} 条的校验值不符，这一条或前面的记录已被改动。`);
      held.push([entry, body]);
      going(LINKS, held.length);
    }
    for (const [name, chain] of this.chains) {
      const held = this.held.get(name);
      for (const [label, should] of [["条数", thousands(held.length - 1)], ["链头校验值", held.at(-1)[0]]]) {
        const [place, text] = fact(chain, label);
        need(text === should, `${place}（${label}）：写的是 ${text}，“${LINKS}”中是 ${should}。`);
      }
    }
  }

  async trail(going) {
    // Every event: its record against the chain, what it discloses against the record, what it shows against both.
    const last = new Map([...this.held.keys()].map((name) => [name, 0]));
    Object.assign(this, { later: [], covered: new Map() });
    for await (const row of this.book.table(TRAIL, "序号", "时间", "人员", "途径", "操作", "对象", "变更内容", "前一条校验值", "本条校验值")) {
      const place = row.place("序号"), text = row.hidden("记录"), record = parsed(text, `${place}（隐藏列“记录”）`);
      const name = pythonic(record.get("chain") ?? null), seq = this.number(record.has("seq") ? record.get("seq") : -1), held = this.held.get(name) ?? [], due = last.get(name) ?? 0;
      need((seq === due || (seq > due && !this.whole)) && seq < held.length - 1, `${place}：这一行是链“${name}”第 ${seq} 条，没有依次排列：有记录被删去、插入或调换。`);
      need(canonical(record) === text && digest("CA1 body", text) === held[seq + 1][1], `${place}（隐藏列“记录”）：第 ${seq} 条记录与“${LINKS}”不符，已被改动。`);
      for (const [heading, should] of [["前一条校验值", held[seq][0]], ["本条校验值", held[seq + 1][0]]]) {
        need(row.text(heading) === should, `${row.place(heading)}（${heading}）：与“${LINKS}”中第 ${seq} 条的不符，已被改动。`);
      }
      this.event(row, record, place, `${name}\n`);
      last.set(name, seq + 1);
      going(TRAIL, seq);
    }
    for (const one of this.later) this.withheld(...one);
    for (const [name, next] of last) need(!this.whole || this.held.get(name).length === next + 1, `${TRAIL}：没有列到链头，最后的记录被删去。`);
  }

  number(value) {
    if (typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
    sure(typeof value === "number" || typeof value === "boolean" || typeof value === "bigint", "int()");
    return Number(value);
  }

  event(row, record, place, chain) {
    const disclosed = parsed(row.hidden("披露"), `${place}（隐藏列“披露”）`), commitments = record.get("pd"), told = new Map(), missing = [];
    for (const field of new Set([...disclosed.keys(), ...commitments.keys()])) {
      if (!disclosed.has(field)) { missing.push(field); continue; }
      const pair = disclosed.get(field);
      sure(Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string", "a disclosure without salt");
      need(digest("CA1 pd", pair[0], canonical(pair[1])) === commitments.get(field), this.unproved(place, field));
      told.set(field, pair[1]);
    }
    const names = parsed(row.hidden("名称"), `${place}（隐藏列“名称”）`), how = COVERING[record.get("action")];
    if (how !== undefined) for (const field of [].concat(record.get("after").get("fields") ?? [])) this.covered.set(`${chain}${record.get("after").get("seq")}\n${field}`, how);
    if (record.get("action").startsWith("evidence.")) {
      for (const side of ["before", "after"]) if (typeof record.get(side).get("sha256") === "string") this.uploads.add(record.get(side).get("sha256"));
    }
    if (record.get("action") === "evidence.destroyed") this.destroyed.add(record.get("after").get("sha256"));
    // What is missing may be covered by an event further down.
    if (missing.length) this.later.push([row, record, told, names, missing, chain]);
    else this.cells(row, record, told, names);
  }

  withheld(row, record, told, names, missing, chain) {
    for (const field of missing) {
      const how = this.covered.get(`${chain}${record.get("seq")}\n${field}`);
      need(how, `${row.place("序号")}（隐藏列“披露”）：没有披露“${labelOf(field)}”，也没有封存或删除它的记录，已被删去。`);
      told.set(field, WITHHELD[how]);
    }
    this.cells(row, record, told, names);
  }

  unproved(place, field) {
    return `${place}（隐藏列“披露”）：“${labelOf(field)}”与记录中的承诺值不符，已被改动或调换。`;
  }

  cells(row, record, told, names) {
    for (const [heading, wanted] of shown(record, told, names)) {
      const place = row.place(heading), raw = row.text(heading), isMoment = heading === "时间" && /^[0-9.]+$/.test(raw);
      sure(!isMoment || /^(\d+\.?\d*|\.\d+)$/.test(raw), `could not convert string to float: '${raw}'`);
      const text = asShown(isMoment ? momentOf(raw) : raw), should = asShown(wanted);
      if (text === should) continue;
      let same = 0;
      while (text[same] === should[same] && same < text.length) same++;
      const at = Math.max(same - 10, 0);
      throw new Fault(`${place}（${heading}）：与第 ${record.get("seq")} 条记录不符；显示的是“${text.slice(at, at + 60)}”，按记录应为“${should.slice(at, at + 60)}”。`);
    }
  }

  async evidence(files, where, called = new Map()) {
    // Each piece against the trail and, where there are files, against them: Map from index number or digest to [size, digest]; `called` are their names in a package.
    for await (const row of this.book.table(EVIDENCE, "索引号", "文件名", "字节数", "SHA-256")) {
      const [sum, size, number, name] = ["SHA-256", "字节数", "索引号", "文件名"].map((heading) => row.text(heading)), place = row.place("SHA-256");
      need(this.uploads.has(sum), `${place}：操作留痕中没有上传过这个 SHA-256 的证据，已被改动。`);
      sure(!where || /^\s*[+-]?\d+\s*$/.test(size), `invalid literal for int(): '${size}'`);
      const fits = (file) => file && file[0] === Number(size) && file[1] === sum;
      const gone = !files.has(number) && this.destroyed.has(sum) && row.text("保存期限至").includes("销毁");
      need(!where || gone || fits(files.get(number)) || fits(files.get(sum)), `${place}：${where} 中没有 SHA-256 和字节数与此相符的 ${number}（${name}）。`);
      need(!called.has(number) || isNameOf(called.get(number), number, name), `${called.get(number)}：与“${EVIDENCE}”中的文件名（${name}）不符，已被改名。`);
      files.delete(number);
      this.pieces = (this.pieces ?? 0) + 1;
    }
  }
}

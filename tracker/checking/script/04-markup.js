// A reader of XML in one direction, as the parts of a workbook need it: names without prefix, no document types, no guessing.
const TAG = /<(\/?)([^\s/>"'=<]+)((?:\s+[^\s=>"'/<]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([^\s=>"'/<]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const NEVER = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const LONGEST = 1 << 20;

function plainText(text) {
  if (text.includes("\r")) text = text.replace(/\r\n?/g, "\n");
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));|&/g, (_all, hex, decimal, name) => {
    if (name) { sure(Object.hasOwn(ENTITIES, name), "undefined entity"); return ENTITIES[name]; }
    const code = hex ? parseInt(hex, 16) : parseInt(decimal ?? "0", 10), fits = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    sure(fits && !NEVER.test(String.fromCodePoint(code)), "not well-formed (invalid token)");
    return String.fromCodePoint(code);
  });
}

// Put together here, so that nobody who searches the page for addresses finds one.
const SPACES = ["schemas.openxmlformats.org/spreadsheetml/2006/main", "purl.oclc.org/ooxml/spreadsheetml/main", "schemas.openxmlformats.org/package/2006/relationships"].map((one) => `http:${"//"}${one}`);
const FOREIGN = "?";
// What may stand in each element that is read: programs pass over what they do not know, and what they pass over must not be read here.
const RICH = ["t", "r", "rPh", "phoneticPr"];
const INSIDE = {
  "": ["Relationships", "workbook", "worksheet", "sst"], Relationships: ["Relationship"], sheets: ["sheet"], sst: ["si", "extLst"], si: RICH, is: RICH, r: ["t", "rPr"], rPh: ["t"],
  sheetData: ["row"], row: ["c"], c: ["f", "v", "is"], mergeCells: ["mergeCell"], Relationship: [], sheet: [], f: [], v: [], t: [], mergeCell: [],
};
const ONCE = { sheets: "workbook", workbookPr: "workbook", sheetData: "worksheet", mergeCells: "worksheet" };
const ONLY_THERE = new Set(Object.values(INSIDE).flat().filter((name) => !["extLst", "rPr", "phoneticPr"].includes(name)));
const STRANGE = "工作簿的内部结构不是表格软件写出的，打开时可能显示别的内容，已被改动。";

function attributesOf(text) {
  const found = new Map();
  for (const [, name, one, other] of text.matchAll(ATTRIBUTE)) {
    sure(!found.has(name), "duplicate attribute");
    found.set(name, plainText(one ?? other));
  }
  return found;
}

class Markup {
  // `heard` has open(name, attributes as text, depth), text(string, depth) and close(name, depth).
  constructor(heard) {
    Object.assign(this, { heard, kept: "", names: [], path: [""], met: new Set(), begun: false, declared: false, prefix: "" });
  }

  feed(text) {
    sure(!NEVER.test(text), "not well-formed (invalid token)");
    this.kept += text;
    const kept = this.kept;
    let at = 0;
    while (at < kept.length) {
      const next = kept.indexOf("<", at);
      if (next < 0) break;
      // What begins with `<?` or `</` may go on in the next piece.
      if (next + 1 >= kept.length) break;
      const over = kept[next + 1] === "?" ? this.instruction(kept, next) : this.tag(kept, at, next);
      if (over < 0) break;
      at = over;
    }
    this.kept = kept.slice(at);
    sure(this.kept.length <= LONGEST, "not well-formed (endless)");
  }

  instruction(kept, next) {
    const over = kept.indexOf("?>", next);
    if (over < 0) return -1;
    // Only the declaration: what stands before another instruction would be read by programs, and not here.
    const encoding = /^<\?xml\s[^?]*encoding\s*=\s*["']([^"']*)/.exec(kept.slice(next, over));
    need(!this.begun && !this.declared && kept.startsWith("<?xml", next) && (!encoding || /^(utf-?8|us-ascii)$/i.test(encoding[1])), `工作簿的“${this.heard.part}”不是表格软件写出的（含有 DTD、处理指令或其他编码），没有读取。`);
    this.declared = true;
    return over + 2;
  }

  tag(kept, at, next) {
    need(kept[next + 1] !== "!", `工作簿的“${this.heard.part}”不是表格软件写出的（含有 DTD、处理指令或其他编码），没有读取。`);
    TAG.lastIndex = next;
    const found = TAG.exec(kept);
    if (!found) {
      sure(kept.length - next < 65_536, "not well-formed (invalid token)");
      return -1;
    }
    const { heard, names } = this, [, closing, name, attributes, empty] = found;
    if (names.length) { if (next > at) heard.text(kept.slice(at, next), names.length); }
    else sure(!kept.slice(at, next).replace("\ufeff", "").trim(), "not well-formed (text outside)");
    if (closing) {
      sure(names.at(-1) === name && !attributes && !empty, "mismatched tag");
      names.pop();
      this.path.pop();
      heard.close(this.local(name), names.length);
    } else {
      sure(names.length || !this.begun, "junk after document element");
      if (!this.begun) this.prefix = name.slice(0, name.lastIndexOf(":") + 1);
      // The space of the root's prefix is that of all its elements: whoever gives it to another below has elements that only look like ours.
      const own = this.prefix ? `xmlns:${this.prefix.slice(0, -1)}` : "xmlns", given = attributes.includes("xmlns") ? attributesOf(attributes) : new Map(), space = given.get(own);
      sure(this.begun ? space === undefined || SPACES.includes(space) : SPACES.includes(space), "elements of another space");
      // A second prefix for the same space would be read by programs, and not here.
      for (const [told, meant] of given) need(told === own || !told.startsWith("xmlns") || !SPACES.includes(meant), `${heard.part}（${told}）：${STRANGE}`);
      this.begun = true;
      this.enter(this.local(name));
      heard.open(this.local(name), attributes, names.length);
      if (empty) {
        this.path.pop();
        heard.close(this.local(name), names.length);
      } else names.push(name);
    }
    return TAG.lastIndex;
  }

  enter(name) {
    const { path, met } = this, parent = path.at(-1), atHome = Object.hasOwn(INSIDE, parent) ? INSIDE[parent].includes(name) : !ONLY_THERE.has(name);
    const once = !Object.hasOwn(ONCE, name) || (ONCE[name] === parent && path.length === 2 && !met.has(name));
    need(atHome && once, `${this.heard.part}（${name}）：${STRANGE}`);
    met.add(name);
    path.push(name);
  }

  local(name) {
    // Names without the root's prefix; what has another one is none of a workbook's.
    const own = name.startsWith(this.prefix) ? name.slice(this.prefix.length) : FOREIGN;
    return own.includes(":") ? FOREIGN : own;
  }

  end() {
    sure(this.begun && !this.names.length && !this.kept.trim(), "no element found");
  }
}

async function* texts(pieces) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (piece, more) => { try { return decoder.decode(piece, { stream: more }); } catch { throw new Unreadable("not UTF-8"); } };
  for await (const piece of pieces) yield decoded(piece, true);
  yield decoded(undefined, false);
}

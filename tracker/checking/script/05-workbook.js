const ID_SPACES = ["schemas.openxmlformats.org/officeDocument/2006/relationships", "purl.oclc.org/ooxml/officeDocument/relationships"].map((one) => `http:${"//"}${one}`);

// The sheets of a workbook, as the application, Excel, WPS or LibreOffice wrote it, row by row.
class RowReader {
  // Hears the markup of one sheet and puts each finished row into `rows`: [number, cells by their letters].
  constructor(part, title, shared) {
    Object.assign(this, { part, title, shared, rows: [], row: null, cell: null, into: null, path: [], last: 0, filled: new Map(), merged: [] });
  }

  open(name, attributes, depth) {
    const parent = this.path[depth - 1];
    this.path.length = depth;
    this.path.push(name);
    if (name === "row" && !this.row) {
      const number = attributesOf(attributes).get("r") ?? "";
      need(/^[1-9][0-9]{0,6}$/.test(number) && Number(number) > this.last, `${this.title}!第 ${this.last} 行：下一行的行号是“${number}”，没有依次排列，已被改动。`);
      this.last = Number(number);
      this.row = { depth, number: Number(number), cells: new Map() };
    } else if (name === "c" && this.row && depth === this.row.depth + 1) {
      const told = attributesOf(attributes), at = told.get("r") ?? "", { number, cells } = this.row;
      need(!cells.has(at) && /^[A-Z]{1,3}[0-9]+$/.test(at) && at === `${at.replace(/\d+$/, "")}${number}`, `${this.title}!${at}：单元格不在它的行中，或写了两次，已被改动。`);
      this.cell = { at, depth, kind: told.get("t"), value: null, plain: null, rich: null };
    } else if (name === "mergeCell") this.merged.push(attributesOf(attributes).get("ref") ?? "");
    else if (this.cell) this.inside(name, parent, depth - this.cell.depth);
  }

  inside(name, parent, below) {
    const { cell } = this;
    need(!(below === 1 && name === "f"), `${this.title}!${cell.at}：单元格是公式。导出的工作簿没有公式，此处已被改动。`);
    if (below === 1 && (name === "is" || name === "v")) {
      // Of two contents, programs show the one and others the other.
      need(!cell.filled && (name === "is") === (cell.kind === "inlineStr"), `${this.title}!${cell.at}：单元格写有两种内容，或与它的类型不符，已被改动。`);
      cell.filled = true;
    }
    if (below === 1 && name === "is") cell.inline = "one";
    if (below === 1 && name === "v" && cell.value === null) { cell.value = ""; this.into = "value"; }
    else if (cell.inline === "one" && below === 2 && name === "t" && parent === "is") { cell.plain ??= ""; this.into = "plain"; }
    else if (cell.inline === "one" && below === 3 && name === "t" && parent === "r" && this.path.at(-3) === "is") { cell.rich ??= ""; this.into = "rich"; }
    else this.into = null;
  }

  text(raw, depth) {
    const below = this.cell && this.into ? depth - this.cell.depth : 0;
    if (below && below === { value: 2, plain: 3, rich: 4 }[this.into]) this.cell[this.into] += plainText(raw);
    else if (raw.includes("&")) plainText(raw);
  }

  close(name, depth) {
    const { row, cell } = this;
    if (cell && depth === cell.depth) {
      row.cells.set(cell.at, [this.said(cell), cell.kind ?? "n"]);
      this.cell = this.into = null;
    } else if (cell) this.into = null;
    if (row && depth === row.depth) {
      const cells = new Map(), typed = new Map();
      for (const [at, [text, kind]] of row.cells) {
        if (!text) continue;
        const letters = at.replace(/\d+$/, "");
        cells.set(letters, text);
        typed.set(letters, [text, kind]);
      }
      if (cells.size) this.filled.set(row.number, [...cells.keys()]);
      this.rows.push([row.number, cells, typed]);
      this.row = null;
    }
  }

  said(cell) {
    if (cell.inline) return (cell.plain ?? "") + (cell.rich ?? "");
    if (cell.kind !== "s") return cell.value ?? "";
    const number = cell.value ?? "";
    need(/^[0-9]{1,9}$/.test(number) && Number(number) < this.shared.length, `${this.title}!${cell.at}：单元格所指的文字不存在，已被改动。`);
    return this.shared[Number(number)];
  }

  checkMerged() {
    // What lies under merged cells is not seen.
    const { title, merged, filled } = this, column = (letters) => [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
    for (const place of merged) {
      const corners = /^([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})$/.exec(place), sound = corners && merged.length <= MOST_SIGNED;
      const [left, right, top, bottom] = sound ? [column(corners[1]), column(corners[3]), Number(corners[2]), Number(corners[4])] : [1, 0, 1, 0];
      let under = false;
      for (let at = top; at <= Math.min(bottom, this.last) && !under; at++) {
        under = (filled.get(at) ?? []).some((letters) => column(letters) >= left && column(letters) <= right && (column(letters) !== left || at !== top));
      }
      need(left <= right && !under, `${title}!${place}：合并的单元格遮住了别的单元格的内容，已被改动。`);
    }
  }
}

class Workbook {
  static async open(blob) {
    const book = new Workbook();
    book.archive = await Archive.open(blob);
    const { parts, byName } = book.archive, bytes = parts.reduce((sum, part) => sum + part.size, 0);
    need(new Set([...byName.keys()].map((name) => name.toLowerCase())).size === parts.length && parts.length <= MOST_PARTS && bytes <= MOST_BYTES, "工作簿的内部有同名的部分，或大得不像表格软件写出的，没有读取。");
    // Programs go by the relations: what they open and show must be what is read here.
    const of = (kind, relations) => relations.filter((told) => (told.get("Type") ?? "").endsWith(kind));
    const books = of("/officeDocument", await book.elements("_rels/.rels", "Relationship")), related = await book.elements("xl/_rels/workbook.xml.rels", "Relationship");
    const within = related.filter((told) => (told.get("TargetMode") ?? "Internal") === "Internal"), shared = of("/sharedStrings", within), sheets = of("/worksheet", within);
    const targets = new Map(within.map((told) => [told.get("Id"), (told.get("Target") ?? "").replace(/^(\/xl\/)?/, "xl/")])), ids = new Set(related.map((told) => told.get("Id")));
    const [root] = await book.elements("xl/workbook.xml", "workbook"), listed = await book.elements("xl/workbook.xml", "sheet");
    sure(root, "no workbook");
    // The names that the identifiers of sheets have here, by the space of relations; whoever gives a name another space below has written no workbook.
    const names = [...root].filter(([name, space]) => name.startsWith("xmlns:") && ID_SPACES.includes(space)).map(([name]) => `${name.slice(6)}:id`);
    const spaced = [...listed, ...await book.elements("xl/workbook.xml", "sheets")].some((told) => [...told.keys()].some((name) => name.startsWith("xmlns")));
    const leads = listed.map((told) => [...told].filter(([name]) => names.includes(name)).map(([, id]) => id)), used = [...leads.flat(), ...shared.map((told) => told.get("Id"))].map((id) => targets.get(id) ?? "");
    const plain = books.length === 1 && (books[0].get("Target") ?? "").replace(/^\/+/, "") === "xl/workbook.xml" && ids.size === related.length && shared.length < 2 && !spaced;
    const led = leads.every((one) => one.length === 1 && sheets.some((told) => told.get("Id") === one[0]));
    need(plain && led && used.every((target) => /^xl\/(\w+\/)*\w+\.xml$/.test(target)), STRANGE);
    for (const told of await book.elements("xl/workbook.xml", "workbookPr")) need(["0", "false"].includes(told.get("date1904") ?? "0"), "工作簿改用了 1904 年起算的日期，所有日期都会错位，已被改动。");
    book.sheets = new Map();
    listed.forEach((told, i) => {
      need(!book.sheets.has(told.get("name") ?? ""), "工作簿中有两张同名的工作表，已被改动。");
      book.sheets.set(told.get("name") ?? "", targets.get(leads[i][0]));
    });
    book.shared = shared.length ? await book.sharedTexts(targets.get(shared[0].get("Id"))) : [];
    Object.assign(book, { counts: new Map(), sums: new Map() });
    return book;
  }

  async read(part, heard) {
    const markup = new Markup(Object.assign(heard, { part }));
    for await (const text of texts(this.archive.pieces(part))) markup.feed(text);
    markup.end();
  }

  async elements(part, wanted) {
    const found = [];
    await this.read(part, { open: (name, attributes) => { if (name === wanted) found.push(attributesOf(attributes)); }, text: plainText, close() {} });
    return found;
  }

  async sharedTexts(part) {
    const found = [], path = [];
    await this.read(part, {
      open(name, _attributes, depth) { path.length = depth; path.push(name); if (name === "si") found.push(["", ""]); },
      text(raw, depth) {
        const text = plainText(raw), [inner, parent, above] = [path[depth - 1], path[depth - 2], path[depth - 3]];
        if (inner === "t" && parent === "si") found.at(-1)[0] += text;
        if (inner === "t" && parent === "r" && above === "si") found.at(-1)[1] += text;
      },
      close(_name, depth) { path.length = depth; },
    });
    return found.map((both) => both.join(""));
  }

  async *rows(title) {
    need(this.sheets.has(title), `工作簿中没有工作表“${title}”。它不是本系统导出的，或已被删改。`);
    const part = this.sheets.get(title), reader = new RowReader(part, title, this.shared), markup = new Markup(reader), sums = new Sums(title);
    let count = 0;
    for await (const text of texts(this.archive.pieces(part))) {
      markup.feed(text);
      const rows = reader.rows;
      reader.rows = [];
      for (const row of rows) {
        count += row[1].size > 1 ? 1 : 0;
        sums.add(row[0], row[2]);
        yield row;
      }
    }
    markup.end();
    reader.checkMerged();
    this.counts.set(title, count);
    this.sums.set(title, sums);
  }

  async count(title) {
    // How many rows have more than one cell.
    await this.summed(title);
    return this.counts.get(title);
  }

  async summed(title) {
    if (!this.sums.has(title)) for await (const row of this.rows(title)) void row;
    return this.sums.get(title);
  }

  async *table(title, ...keys) {
    // Every row below the headings, among which are `keys`: a function from a heading to [place, text].
    let columns = null;
    for await (const [number, cells] of this.rows(title)) {
      if (columns) {
        if (cells.size > 1) yield new Row(title, number, columns, cells);
      } else if (keys.filter((key) => [...cells.values()].includes(key)).length > 1) {
        columns = new Map([...cells].map(([letters, heading]) => [heading, letters]));
        need(columns.size === cells.size && keys.every((key) => columns.has(key)), `${title}!第 ${number} 行：有两列的表头相同，或缺少一列的表头，已被改动。`);
      }
    }
    need(columns, `${title}：找不到表头“${keys[0]}”，已被删改。`);
  }
}

class Row {
  constructor(title, number, columns, cells) {
    Object.assign(this, { title, number, columns, cells });
  }

  place(heading) {
    sure(this.columns.has(heading), heading);
    return `${this.title}!${this.columns.get(heading)}${this.number}`;
  }

  text(heading) {
    sure(this.columns.has(heading), heading);
    return this.cells.get(this.columns.get(heading)) ?? "";
  }

  hidden(name) {
    // A long text goes on from one hidden column to the next.
    const pieces = [];
    for (const heading of this.columns.keys()) {
      const [begin, number, ...more] = heading.split(" ");
      if (begin === name && !more.length && /^\d+$/.test(number ?? "")) pieces.push([Number(number), this.text(heading)]);
    }
    return pieces.sort(([one], [other]) => one - other).map(([, text]) => text).join("");
  }
}

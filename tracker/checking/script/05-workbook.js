// The sheets of a workbook, as the application, Excel, WPS or LibreOffice wrote it, row by row.
class RowReader {
  // Hears the markup of one sheet and puts each finished row into `rows`: [number, cells by their letters].
  constructor(part, title, shared) {
    Object.assign(this, { part, title, shared, rows: [], row: null, cell: null, into: null, path: [] });
  }

  open(name, attributes, depth) {
    const parent = this.path[depth - 1];
    this.path.length = depth;
    this.path.push(name);
    if (name === "row" && !this.row) {
      const number = attributesOf(attributes).get("r") ?? "";
      sure(/^\d+$/.test(number), "a row without its number");
      this.row = { depth, number: Number(number), cells: new Map() };
    } else if (name === "c" && this.row && depth === this.row.depth + 1) {
      const told = attributesOf(attributes), at = told.get("r"), { number, cells } = this.row;
      sure(at, "a cell without its place");
      need(!cells.has(at) && at === `${at.replace(/\d+$/, "")}${number}`, `${this.title}!${at}：单元格不在它的行中，或写了两次，已被改动。`);
      this.cell = { at, depth, kind: told.get("t"), value: null, plain: null, rich: null };
    } else if (this.cell) this.inside(name, parent, depth - this.cell.depth);
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
      this.rows.push([row.number, cells, typed]);
      this.row = null;
    }
  }

  said(cell) {
    if (cell.inline) return (cell.plain ?? "") + (cell.rich ?? "");
    if (cell.kind !== "s") return cell.value ?? "";
    const number = (cell.value ?? "").trim();
    sure(/^\d+$/.test(number) && Number(number) < this.shared.length, "no such shared text");
    return this.shared[Number(number)];
  }
}

class Workbook {
  static async open(blob) {
    const book = new Workbook();
    book.archive = await Archive.open(blob);
    const { parts, byName } = book.archive, bytes = parts.reduce((sum, part) => sum + part.size, 0);
    need(byName.size === parts.length && parts.length <= MOST_PARTS && bytes <= MOST_BYTES, "工作簿的内部有同名的部分，或大得不像表格软件写出的，没有读取。");
    // Programs go by the relations: what they open and show must be what is read here.
    const of = (kind, relations) => relations.filter((told) => (told.get("Type") ?? "").endsWith(kind));
    const books = of("/officeDocument", await book.elements("_rels/.rels", "Relationship")), related = await book.elements("xl/_rels/workbook.xml.rels", "Relationship");
    const targets = new Map(related.map((told) => [told.get("Id"), (told.get("Target") ?? "").replace(/^(\/xl\/)?/, "xl/")])), shared = of("/sharedStrings", related);
    const plain = books.length === 1 && (books[0].get("Target") ?? "").replace(/^\/+/, "") === "xl/workbook.xml" && targets.size === related.length && shared.length < 2;
    need(plain && ![...targets.values()].some((target) => /%|\.\./.test(target)), "工作簿的内部结构不是表格软件写出的，打开时可能显示别的内容，已被改动。");
    for (const told of await book.elements("xl/workbook.xml", "workbookPr")) need(["0", "false"].includes(told.get("date1904") ?? "0"), "工作簿改用了 1904 年起算的日期，所有日期都会错位，已被改动。");
    book.sheets = new Map();
    for (const told of await book.elements("xl/workbook.xml", "sheet")) {
      need(!book.sheets.has(told.get("name")), "工作簿中有两张同名的工作表，已被改动。");
      const id = [...told].find(([name]) => name.endsWith(":id"))?.[1];
      sure(told.has("name") && targets.has(id), "a sheet that leads nowhere");
      book.sheets.set(told.get("name"), targets.get(id));
    }
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

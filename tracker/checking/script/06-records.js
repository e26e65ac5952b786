// Records as JSON: read without losing anything (maps in their order, whole numbers of any size), and written in the one canonical form.
function byLetters(one, other) {
  // By code points, which UTF-16 does not always sort by.
  const a = Array.from(one, (letter) => letter.codePointAt(0)), b = Array.from(other, (letter) => letter.codePointAt(0));
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*))(?![\d.eE])|(true|false|null)(?![a-zA-Z]))/y;
const WORDS = { true: true, false: false, null: null };
const DEEPEST = 900;

class Json {
  constructor(text) {
    Object.assign(this, { text, at: 0 });
    this.next();
  }

  next() {
    TOKEN.lastIndex = this.at;
    this.token = TOKEN.exec(this.text);
    if (this.token) this.at = TOKEN.lastIndex;
  }

  take(mark) {
    if (this.token?.[1] !== mark) return false;
    this.next();
    return true;
  }

  value(depth = 0) {
    const token = this.token;
    if (!token || depth > DEEPEST) throw new SyntaxError();
    if (this.take("{")) return this.map(depth);
    if (this.take("[")) return this.list(depth);
    if (token[1]) throw new SyntaxError();
    this.next();
    if (token[2] !== undefined) return JSON.parse(token[2]);
    if (token[4] !== undefined) return WORDS[token[4]];
    const number = Number(token[3]);
    return Number.isSafeInteger(number) ? number + 0 || 0 : BigInt(token[3]);
  }

  map(depth) {
    const found = new Map();
    if (this.take("}")) return found;
    do {
      const key = this.token?.[2];
      if (key === undefined) throw new SyntaxError();
      this.next();
      if (!this.take(":")) throw new SyntaxError();
      found.set(JSON.parse(key), this.value(depth + 1));
    } while (this.take(","));
    if (!this.take("}")) throw new SyntaxError();
    return found;
  }

  list(depth) {
    const found = [];
    if (this.take("]")) return found;
    do found.push(this.value(depth + 1)); while (this.take(","));
    if (!this.take("]")) throw new SyntaxError();
    return found;
  }
}

function parsed(text, where) {
  // A JSON object as a Map; what is none is a fault of this place.
  try {
    const json = new Json(text), value = json.value();
    // Of a list without anything in it an object without anything in it is made, as in other readers.
    const found = Array.isArray(value) && !value.length ? new Map() : value;
    if (!(found instanceof Map) || json.text.slice(json.at).trim() || json.token) throw new SyntaxError();
    return found;
  } catch (reason) {
    if (!(reason instanceof SyntaxError)) throw reason;
    throw new Fault(`${where}：内容不是有效的 JSON，已被改动或截断。`);
  }
}

function written(value) {
  if (value instanceof Map) return `{${[...value.keys()].sort(byLetters).map((key) => `${written(key)}:${written(value.get(key))}`).join(",")}}`;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(value).replace(/[\x7f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// Spreadsheet programs decode _xHHHH_, so no `_x` stands in a record as it is.
const canonical = (value) => written(value).replaceAll("_x", "\\u005fx");

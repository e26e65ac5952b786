// What the shown cells of a row have to say, worked out from its record alone (and from names that are no part of it).
const { VIA, ACTIONS, FIELDS, CODES, REFERRING } = TABLES;
const MOST_SHOWN = 32_000;
const WITHHELD = { sealed: "（已封存）", redacted: "（已依法删除）" };

const two = (number) => String(number).padStart(2, "0");
function clockText(at) {
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}

function beijing(moment) {
  const text = String(moment).slice(0, 19), parts = /^(\d{4})-(\d\d?)-(\d\d?)T(\d\d?):(\d\d?):(\d\d?)$/.exec(text);
  sure(parts, `time data '${text}'`);
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number), at = new Date(Date.UTC(year, month - 1, day, hour + 8, minute, second));
  const right = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate() && hour < 24 && minute < 60 && second < 60;
  sure(right, `time data '${text}'`);
  return clockText(at);
}

// A moment as the number of days that spreadsheet programs keep.
const momentOf = (text) => clockText(new Date(Date.UTC(1899, 11, 30) + Math.round(Number(text) * 86_400) * 1000));

function pythonic(value) {
  // Values are texts and whole numbers; these are the words for what else JSON has.
  if (value === null) return "None";
  return value === true ? "True" : value === false ? "False" : String(value);
}

function said(field, value, names) {
  if (Array.isArray(value)) return value.map((one) => said(field, one, names)).join("、");
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "是" : "否";
  const text = pythonic(value), last = text.slice(text.lastIndexOf(".") + 1);
  if (field === "fields") return Object.hasOwn(FIELDS, last) ? FIELDS[last] : text;
  if (field === "sha256" || field === "obligation_digest") return Array.from(text).slice(0, 16).join("");
  if (field === "as_of" || field === "since") return beijing(text);
  const coded = Object.hasOwn(CODES, field) ? CODES[field] : null;
  if (coded) return Object.hasOwn(coded, text) ? coded[text] : text;
  return REFERRING.includes(field) && names.has(text) ? pythonic(names.get(text)) : text;
}

function changesOf(record, told, names) {
  const pairs = new Map(), field = (name) => name.slice(name.lastIndexOf(".") + 1);
  const put = (name, before, text) => {
    if (!pairs.has(name)) pairs.set(name, ["", ""]);
    pairs.get(name)[before ? 0 : 1] = text;
  };
  for (const side of ["before", "after"]) for (const [name, value] of record.get(side)) put(field(name), side === "before", said(field(name), value, names));
  for (const name of [...told.keys()].sort(byLetters)) {
    if (name === "actor_name") continue;
    put(field(name), name.slice(0, Math.max(name.lastIndexOf("."), 0)) === "before", said(field(name), told.get(name), names));
  }
  const lines = [];
  for (const [name, [old, now]] of pairs) {
    if (!old && !now) continue;
    const label = Object.hasOwn(FIELDS, name) ? FIELDS[name] : name;
    lines.push(old && old !== now ? `${label}：${old} → ${now || "（空）"}` : `${label}：${now}`);
  }
  const text = lines.join("\n"), letters = text.length > MOST_SHOWN ? Array.from(text) : [];
  return letters.length > MOST_SHOWN ? `${letters.slice(0, MOST_SHOWN).join("")}……（内容过长，完整内容见系统）` : text;
}

function shown(record, told, names) {
  // Every shown cell by its heading; `told` are the personal values that are disclosed.
  const word = (table, code) => (Object.hasOwn(table, code) ? table[code] : code);
  const who = told.has("actor_name") ? told.get("actor_name") : names.get(record.get("actor")) ?? null;
  return new Map([
    ["序号", pythonic(record.get("seq"))], ["时间", beijing(record.get("at"))], ["人员", pythonic(who)], ["途径", word(VIA, record.get("via"))],
    ["操作", word(ACTIONS, record.get("action"))], ["对象", pythonic(names.get(record.get("object")) ?? record.get("object"))],
    ["变更内容", changesOf(record, told, names)],
  ]);
}

function asShown(text) {
  // As programs show it: escapes decoded, which some of them store and some do not, and line ends alike.
  for (;;) {
    const decoded = text.replace(/_x([0-9A-Fa-f]{1,4})_/g, (_all, code) => String.fromCharCode(/^d[89a-f]/i.test(code) && code.length === 4 ? 0xfffd : parseInt(code, 16)));
    if (decoded === text) return text.replace(/\r\n?/g, "\n");
    text = decoded;
  }
}

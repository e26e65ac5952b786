// The page itself: files dropped or chosen, the progress, the verdict.
const byId = (id) => document.getElementById(id);
const chosen = { file: null, earlier: null, evidence: [] };
let running = 0;

function element(tag, text, ...inner) {
  const made = document.createElement(tag);
  made.append(...(text ? [text] : []), ...inner);
  return made;
}

const named = (file) => (file ? { name: file.name, blob: file } : null);

function tellProgress(number) {
  let last = 0;
  return (what, done) => {
    const now = performance.now();
    if (number !== running || now - last < 200) return;
    last = now;
    byId("progress-text").textContent = `正在核对 ${what}：${thousands(done)}`;
  };
}

function tellChains(result) {
  const head = element("thead", "", element("tr", "", ...["链", "主体", "条数", "链头校验值", "签名的公钥指纹"].map((text) => element("th", text))));
  const rows = result.chains.map((chain) => element("tr", "", element("td", chain.name), element("td", chain.owner), element("td", thousands(chain.size)),
    element("td", "", element("code", chain.head)), element("td", "", chain.by ? element("code", chain.by) : "未签名")));
  return element("div", "", element("table", "", element("caption", "操作留痕的链"), head, element("tbody", "", ...rows)));
}

function tellChecked(result, asked) {
  const list = element("ul", "");
  const add = (text) => list.append(element("li", text));
  add("每条记录的规范形式和校验值，前后相连，没有缺号，条数和链头与“校验”表一致；所披露的个人信息与承诺值。");
  add(result.whole ? "操作留痕从第一条到链头全部列出，每个显示的单元格由记录得出；各表行数。" : "所列的操作留痕，每个显示的单元格由记录得出；各表行数。这份文件只列出一部分记录，其余的只证明其存在与次序。");
  const { listed, by } = result.sheets;
  if (!listed.length) add("这份文件由较早版本导出（或有关的行被删去），没有各工作表的校验值，其余工作表的单元格不在核对之内。");
  else add(`全部 ${listed.length} 张工作表每一行显示的内容与导出时的校验值一致，各校验值${by ? "经过签名。" : "没有签名。"}`);
  add(result.withFiles ? `证据 ${thousands(result.pieces)} 份与文件相符：SHA-256、字节数与上传时一致。` : "没有指定证据文件的目录，证据文件未核对。");
  if (result.packed) add("index.html、说明.txt 等只与清单核对，没有签名，请以工作簿为准。");
  if (result.chains.every((chain) => chain.by)) add(asked ? "链头由您给出的指纹的密钥、或由它更换而来的密钥签名。" : "链头的签名与所列的公钥相符。公钥指纹取自文件本身，请与系统中显示的、或从别处得知的指纹核对。");
  else add("链头没有签名。");
  add(result.found || "没有与以前的文件比对。请把链头与以前收到的链头文件或工作簿，或系统中当场显示的核对。");
  return list;
}

function tell(result, file, asked) {
  const box = byId("verdict"), title = element("h2", result.sound ? "✓ 校验通过" : result.unfit ? "没有校验" : "✗ 校验未通过");
  title.tabIndex = -1;
  box.className = result.sound ? "sound" : "unsound";
  box.replaceChildren(title, element("p", file.name));
  if (result.sound) {
    const facts = element("dl", "");
    for (const [label, text] of result.facts) facts.append(element("dt", label), element("dd", text));
    box.append(facts, tellChains(result), element("h3", "核对了什么"), tellChecked(result, asked));
  } else box.append(element("p", result.sentence), ...(result.unfit ? [] : [element("p", "这是发现的第一处，后面的没有再核对。请保留这份文件，与提供人核实。")]));
  box.append(element("p", `校验时间（本机）：${new Date().toLocaleString("zh-CN")}`));
  box.hidden = false;
  title.focus();
}

async function run() {
  if (!chosen.file) return;
  const number = ++running, file = named(chosen.file), fingerprint = byId("fingerprint").value;
  byId("verdict").hidden = true;
  byId("progress").hidden = false;
  byId("progress-text").textContent = `正在读取 ${file.name}`;
  const result = await verdict(file, { earlier: named(chosen.earlier), evidence: chosen.evidence, fingerprint, going: tellProgress(number) });
  // Whoever chose another file meanwhile waits for that one.
  if (number !== running) return;
  byId("progress").hidden = true;
  tell(result, file, fingerprint.trim());
}

function choose(name, files, dropped = false) {
  if (!files.length) return;
  chosen[name] = name === "evidence" ? [...files] : files[0];
  byId(`${name}-name`).textContent = dropped ? `已拖入：${files[0].name}` : name === "evidence" ? `共 ${files.length} 个文件` : "";
  run();
}

function prepare() {
  for (const name of ["file", "earlier", "evidence"]) byId(name).addEventListener("change", (event) => choose(name, event.target.files));
  byId("again").addEventListener("submit", (event) => { event.preventDefault(); run(); });
  const area = byId("drop");
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => { event.preventDefault(); area.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => area.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    choose(event.target.closest("#earlier-area") ? "earlier" : "file", event.dataTransfer.files, true);
  });
  if (!("DecompressionStream" in window)) byId("unfit").hidden = false;
}

prepare();
window.verdict = verdict;

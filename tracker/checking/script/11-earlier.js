// An earlier file: signed heads that left the machine, or an earlier workbook or package. What it says of a chain must still hold of it.
function headsOf(text, name, fingerprint) {
  // Checks a heads file by itself; returns its deployment and [chain, size, head] of all that it names.
  sure(!/[^\x00-\x7f]/.test(text), "not ASCII");
  const blocks = text.replaceAll("\r\n", "\n").split("\n\n").map((block) => block.replace(/^\n+|\n+$/g, "").split("\n"));
  const of = (title) => blocks.filter(([first]) => first === title).map(([, ...lines]) => lines);
  const [registries, listed, heads, publics] = ["CA1 registry", "CA1 registry lines", "CA1 head", "CA1 public"].map(of);
  need(registries.length + listed.length + heads.length + publics.length === blocks.length && blocks.length <= MOST_SIGNED * 10, `${name}：有不属于链头文件的内容，已被改动。`);
  sure(registries.length === 1 && listed.length === 1 && registries[0].length === 5 && heads.every((lines) => lines.length === 7), "registry");
  const [[deployment, at, sum, print, signature]] = registries, keys = new Keys(deployment);
  for (const lines of publics) {
    sure(lines.length >= 3, "public");
    const texts = { 公钥: lines[0], 启用时间: lines[1], 启用方式: lines[2], 更换签名: lines[3], 接受签名: lines[4] };
    keys.add((label) => (texts[label] === undefined ? undefined : [name, texts[label]]));
  }
  const trusted = fingerprint ? keys.trusted(fingerprint) : null;
  need(digest("CA1 registry lines", ...listed[0], "") === sum, `${name}：登记的各行与登记摘要不符，已被改动。`);
  const notes = heads.map((lines) => [lines[5], lines[6], ["CA1 head", ...lines.slice(0, 6)], `链“${lines[1]}”的链头`]);
  for (const [signer, proof, lines, what] of [[print, signature, ["CA1 registry", deployment, at, sum, print], "登记"], ...notes]) {
    keys.need(name, signer, proof, lines, what);
    need(!trusted || trusted.has(signer), `${name}：${what}不是由您给出的指纹的密钥、或由它更换而来的密钥签名。`);
  }
  const places = [...listed[0].slice(1).map((line) => line.split(" ")), ...heads.map((lines) => lines.slice(1, 4))];
  return [deployment, places.map(([chain, size, head]) => [chain, Number(size), head])];
}

async function compareWith(check, file, options) {
  // The later history must extend the earlier one; returns the sentence that says so.
  const { name, blob } = file;
  let deployment, places;
  if (name.toLowerCase().endsWith(".txt")) [deployment, places] = headsOf(await blob.text(), name, options.fingerprint);
  else {
    const earlier = await checkFile(file, { ...options, evidence: null });
    need(check.sums.listed.length || !earlier.sums.listed.length, `${PROOF}：没有各工作表的校验值，而 ${name} 中有，已被删去（也可能这份文件早于 ${name}）。`);
    ({ deployment } = earlier);
    places = [...earlier.held].map(([chain, held]) => [chain, held.length - 1, held.at(-1)[0]]);
  }
  need(deployment === check.deployment, `${name}：属于另一套系统（部署标识不同），不能与这份文件比对。`);
  const common = places.filter(([chain]) => check.held.has(chain));
  need(common.length, `${name}：与这份文件没有共同的链，无从比对。`);
  for (const [chain, size, head] of common) {
    const held = check.held.get(chain), [place] = check.chains.get(chain).get("条数");
    need(size < held.length, `${place}：链“${chain}”有 ${thousands(held.length - 1)} 条，而 ${name} 中已有 ${thousands(size)} 条：记录被删去，或恢复了旧备份（也可能 ${name} 晚于这份文件的截止时点）。`);
    need(held[size][0] === head, `${place}：链“${chain}”第 ${thousands(size)} 条处的链头与 ${name} 中的不同：历史被改写。`);
  }
  return `与 ${name} 一致：${[...new Set(common.map(([chain]) => chain))].join("、")} 的历史是它的延续。`;
}

async function checkFile({ name, blob }, options) {
  // A workbook (with files of evidence, when there are any) or a package.
  if (!name.toLowerCase().endsWith(".xlsx")) return checkPackage(blob, options);
  const check = await Check.of(blob, options), { evidence } = options;
  if (evidence === null) return check;
  const files = new Map();
  for (const file of evidence ?? []) {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += 1 << 22) {
      hash.add(new Uint8Array(await file.slice(at, at + (1 << 22)).arrayBuffer()));
      await breathe();
    }
    const size = hash.size, sum = hash.hex();
    files.set(sum, [size, sum]);
  }
  await check.evidence(files, evidence?.length ? "证据目录" : "");
  return check;
}

async function verdict(file, { earlier = null, evidence = null, fingerprint = "", going = () => {} } = {}) {
  // What the page shows: whether all is sound, else the sentence with the place of the first fault.
  const options = { evidence: evidence ?? [], fingerprint: fingerprint.trim(), going };
  let reading = file.name;
  // What was asked for wrongly is no fault of whom the file came from.
  if (reading.toLowerCase().endsWith(".txt")) return { sound: false, unfit: true, sentence: `${reading} 是链头文件或别的文本。请拖入工作簿或审计包，把链头文件放在“以前的文件”处。` };
  if (options.fingerprint && !/^[0-9a-f]{32,64}$/i.test(options.fingerprint.replace(/[\s:：]/g, ""))) return { sound: false, unfit: true, sentence: "公钥指纹应为至少前 32 位十六进制数字，请核对后重填。" };
  try {
    const check = await checkFile(file, options);
    reading = earlier?.name;
    const found = earlier ? await compareWith(check, earlier, options) : "";
    const chains = [...check.held].map(([name, held]) => ({ name, owner: check.chains.get(name).get("所属主体")?.[1] ?? "", size: held.length - 1, head: held.at(-1)[0], by: check.signers.get(name) ?? "" }));
    const facts = Object.values(TABLES.FACTS).map((label) => [label, check.facts.get(label)?.[1] ?? ""]);
    return { sound: true, chains, facts, found, sheets: check.sums, whole: check.whole, pieces: check.pieces ?? 0, packed: !file.name.toLowerCase().endsWith(".xlsx"), withFiles: !file.name.toLowerCase().endsWith(".xlsx") || options.evidence.length > 0 };
  } catch (reason) {
    // A damaged file makes the readers say anything.
    const told = reason instanceof Fault ? reason.message : `${reading} 不是本系统导出的工作簿、审计包或链头文件，或已损坏、被删改（${reason.message}）。`;
    return { sound: false, sentence: told };
  }
}

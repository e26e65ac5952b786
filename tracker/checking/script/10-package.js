// The check of an audit package: every file against the manifest, the workbook, and the files of evidence against the workbook.
const MANIFEST = "manifest.json", FOLDER = "证据/";
const BESIDE = ["index.html", "SHA256SUMS.txt", "说明.txt", "verify.py", "校验.html"];

function isNameOf(path, number, name) {
  // A piece of evidence has its own name in a package, without what some system refuses; a long one is shortened before its extension.
  const begin = `${FOLDER}${number}_`, bare = path.slice(begin.length), short = (some) => some.join("").replace(/[. ]+$/, "");
  const [said, clean] = [bare, name].map((one) => asShown(one).normalize("NFC").replace(/[<>:"/\\|?*#%\x00-\x1f\x7f]/g, "_").trim().replace(/[. ]+$/, "")), dot = clean.lastIndexOf(".");
  const letters = [...clean], stem = [...clean.slice(0, Math.max(dot, 0))], end = dot < 0 ? "" : clean.slice(dot);
  const fits = (one) => one === (clean || "_") || stem.some((_letter, size) => size >= 30 && one === `${short(stem.slice(0, size))}${end}`) || letters.some((_letter, size) => size >= 30 && one === short(letters.slice(0, size)));
  return path.startsWith(begin) && !/[/\\]/.test(bare) && (fits(said) || (said.startsWith("_") && fits(said.slice(1))));
}

async function checkPackage(blob, options) {
  const { going } = options;
  const archive = await Archive.open(blob), found = archive.parts.map((part) => part.name), names = new Map(found.map((name) => [name.normalize("NFC"), name]));
  const manifest = parsed(await (await archive.blobOf(MANIFEST)).text(), MANIFEST), listed = new Map(), files = fact(manifest, "files");
  sure(Array.isArray(files), "files");
  for (const one of files) {
    sure(one instanceof Map && typeof one.get("path") === "string", "path");
    listed.set(one.get("path"), [fact(one, "size"), fact(one, "sha256")]);
  }
  for (const name of [...new Set([...listed.keys(), ...names.keys()])].sort(byLetters)) {
    if (name === MANIFEST) continue;
    need(names.has(name), `${name}：审计包中没有这个文件，已被删去。`);
    need(listed.has(name) && names.size === found.length, `${name}：清单（${MANIFEST}）中没有这个文件，是另外放入的，或有重名。`);
    need(name.startsWith(FOLDER) || BESIDE.includes(name) || name === manifest.get("workbook"), `${name}：审计包中不应有这个文件，是另外放入的。`);
    const [size, sum] = await archive.digest(names.get(name)), told = listed.get(name);
    need(size === told[0] && sum === told[1], `${name}：内容与清单（${MANIFEST}）不符，两者之一已被改动。`);
    going(name, size);
  }
  const check = await Check.of(await archive.blobOf(fact(manifest, "workbook")), options);
  for (const [key, label] of Object.entries(TABLES.FACTS)) {
    const [place, text] = fact(check.facts, label);
    need(fact(manifest, key) === text, `${MANIFEST}（${key}）：与 ${place} 不符，两者之一已被改动。`);
  }
  const evidence = new Map(), called = new Map();
  for (const [name, told] of listed) {
    if (!name.startsWith(FOLDER)) continue;
    const number = name.slice(FOLDER.length).split("_")[0];
    need(!evidence.has(number), `${name}：证据目录中有两个文件用索引号 ${number}，其中一个是另外放入的。`);
    evidence.set(number, told);
    called.set(number, name);
  }
  await check.evidence(evidence, "审计包", called);
  need(!evidence.size, `${FOLDER}${[...evidence.keys()].join("、")}：证据目录中没有这个索引号。`);
  return check;
}

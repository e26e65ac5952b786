// Signing keys and signed notes: that each note is signed by its key, each change of keys by both, and which keys a fingerprint vouches for.
const KINDS = { 首个密钥: "first", 由上一密钥更换: "changed", 上一密钥遗失后另建: "lost", first: "first", changed: "changed", lost: "lost" };
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const lined = (...lines) => UTF8.encode(lines.map((line) => `${line}\n`).join(""));

class Keys {
  // The keys of one installation, oldest first; keys that are linked by signed changes share a number of their `line`.
  constructor(deployment) {
    Object.assign(this, { deployment, all: [] });
  }

  add(told) {
    // `told` gives [place, text] of a label, or nothing.
    const before = this.all.at(-1), [place, text] = told("公钥"), raw = this.bytes(text, 32, place, "公钥"), print = sha256(raw);
    need(point(raw) && !small(point(raw)), `${place}（公钥）：不是 Ed25519 的公钥，已被改动。`);
    const [at, claimed] = told("公钥指纹") ?? [place, print], [when, since] = told("启用时间"), [how, word] = told("启用方式"), kind = Object.hasOwn(KINDS, word) ? KINDS[word] : "";
    need(claimed === print, `${at}（公钥指纹）：与公钥不符，两者之一已被改动。`);
    const signatures = ["更换签名", "接受签名"].map((label) => told(label)), complete = signatures.every((one) => Boolean(one) === (kind === "changed"));
    need(kind && (kind === "first") === !before && complete && !this.find(print), `${how}（启用方式）：与各密钥的次序或更换签名不符，已被改动。`);
    need(STAMP.test(since), `${how}（启用时间）：${when} 的写法不对，已被改动。`);
    this.all.push({ raw, print, line: (before?.line ?? 0) + (kind === "lost") });
    if (kind !== "changed") return;
    const statement = ["CA1 key", this.deployment, before.print, text, since];
    signatures.forEach(([where, signature], i) => this.need(where, [before.print, print][i], signature, statement, "更换密钥的声明"));
  }

  find(print) {
    return this.all.find((key) => key.print === print);
  }

  bytes(text, size, place, what) {
    const found = fromBase64(text);
    need(found?.length === size && btoa(String.fromCharCode(...found)) === text, `${place}（${what}）：不是 ${size} 字节的 base64，已被改动。`);
    return found;
  }

  need(place, print, signature, lines, what) {
    // Stop unless this is a signature over these lines by the key of this fingerprint.
    const key = this.find(print);
    need(key, `${place}（${what}）：签名指纹 ${print.slice(0, 16)} 不在所列的公钥中，已被改动。`);
    need(signed(key.raw, lined(...lines), this.bytes(signature, 64, place, what)), `${place}（${what}）：签名不对，签名或所签的内容已被改动。`);
  }

  trusted(asked) {
    // Which fingerprints a given one (or its first half) vouches for: its own key's, and those linked to it.
    const wanted = asked.toLowerCase().replace(/[\s:：]/g, "");
    need(/^[0-9a-f]{32,64}$/.test(wanted), "公钥指纹：应为至少前 32 位十六进制数字。");
    const key = this.all.find((one) => one.print.startsWith(wanted));
    need(key, `没有指纹为 ${wanted} 的公钥：签名的不是您要的那把密钥，或没有签名。`);
    return new Set(this.all.filter((one) => one.line === key.line).map((one) => one.print));
  }
}

function checkSignatures(check, asked) {
  // The keys and signatures on 校验; returns which key signed each chain's head.
  const { deployment, registry } = check, keys = new Keys(deployment), by = new Map();
  const of = (facts) => (label) => facts.get(label);
  for (const one of check.keys) {
    for (const label of ["公钥指纹", "启用时间", "启用方式"]) fact(one, label);
    keys.add(of(one));
  }
  if (registry.size) {
    const [[, at], [, sum], [, print], [place, signature]] = ["登记时间", "登记摘要", "登记指纹", "登记签名"].map((label) => fact(registry, label));
    keys.need(place, print, signature, ["CA1 registry", deployment, at, sum, print], "登记签名");
  }
  for (const [name, chain] of check.chains) {
    const [place, signature] = chain.get("链头签名") ?? [PROOF, "未签名"], present = signature !== "未签名", [where, whose] = fact(chain, "部署标识");
    need(whose === deployment, `${where}（部署标识）：各链的部署标识不同，已被改动。`);
    need(chain.has("签名时间") === present && chain.has("签名指纹") === present, `${place}（链头签名）：链“${name}”的签名不全，已被改动。`);
    if (present) {
      const print = chain.get("签名指纹")[1], held = check.held.get(name);
      keys.need(place, print, signature, ["CA1 head", deployment, name, held.length - 1, held.at(-1)[0], chain.get("签名时间")[1], print], "链头签名");
      by.set(name, print);
    }
    need(!asked || (keys.trusted(asked).has(by.get(name))), `${place}（链头签名）：链“${name}”的链头没有由您给出的指纹的密钥、或由它更换而来的密钥签名。`);
  }
  const { listed, place, signature, since, by: signer } = check.sums = sumsOf(check);
  if (signer) {
    const told = check.keys.map((key) => [fact(key, "公钥")[1], fact(key, "启用时间")[1], KINDS[fact(key, "启用方式")[1]]]), several = told.length > 1 ? told.map((key) => key.join(" ")) : [];
    const noted = registry.size ? [["登记时间", "登记摘要"].map((label) => fact(registry, label)[1]).join(" ")] : [];
    const sum = digest("CA1 sheets lines", told[0]?.[1] ?? "", ...several, ...noted, ...listed.map(([, , one], i) => `${i + 1} ${one}`), "");
    keys.need(place, signer, signature, ["CA1 sheets", deployment, since, sum, signer], SHEETS[0]);
  }
  const older = "本工作簿由较早版本导出（或有关的行被删去），没有各工作表的校验值。较早版本导出的，请不填指纹再校验，然后核对结果中签名的指纹。";
  need(!asked || keys.trusted(asked).has(signer), `${place}（${SHEETS[0]}）：各工作表没有由您给出的指纹的密钥、或由它更换而来的密钥签名。${listed.length ? "" : older}`);
  return by;
}

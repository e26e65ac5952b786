// ZIP files, read from their table of contents: only the pieces that are asked for, and never more bytes than they promise.
class Fault extends Error {}
// What is no file of ours at all, or broken: there is no place to name.
class Unreadable extends Error {}

const need = (sound, sentence) => { if (!sound) throw new Fault(sentence); };
const sure = (sound, reason) => { if (!sound) throw new Unreadable(reason); };

// Names without the mark of UTF-8 are in the letters of the first PC.
const OLD_LETTERS = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";
const SUMS = Int32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1; return n; });
const MOST_BYTES = 2 * 1024 ** 3, MOST_PARTS = 3000;

let lastBreath = 0;
async function breathe() {
  // The page stays alive: after 30 ms of work it gets its turn.
  if (performance.now() - lastBreath < 30) return;
  await new Promise((go) => setTimeout(go));
  lastBreath = performance.now();
}

class Archive {
  static async open(blob) {
    const archive = new Archive(), from = Math.max(0, blob.size - 65557);
    const tail = new DataView(await blob.slice(from).arrayBuffer());
    let end = tail.byteLength - 22;
    while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
    sure(end >= 0, "File is not a zip file");
    let count = tail.getUint16(end + 10, true), size = tail.getUint32(end + 12, true), start = tail.getUint32(end + 16, true), last = from + end;
    if (end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) {
      last = Number(tail.getBigUint64(end - 12, true));
      const large = new DataView(await blob.slice(last, last + 56).arrayBuffer());
      sure(large.byteLength === 56 && large.getUint32(0, true) === 0x06064b50, "zip64");
      [count, size, start] = [32, 40, 48].map((at) => Number(large.getBigUint64(at, true)));
    }
    // What stands before the archive shifts every place in it.
    archive.shift = last - size - start;
    sure(archive.shift >= 0, "Bad offset for central directory");
    archive.blob = blob;
    archive.parts = Archive.contents(new Uint8Array(await blob.slice(last - size, last).arrayBuffer()));
    sure(archive.parts.length === count || count === 0xffff, "Bad magic number for central directory");
    archive.byName = new Map(archive.parts.map((part) => [part.name, part]));
    return archive;
  }

  static contents(bytes) {
    const view = new DataView(bytes.buffer), found = [];
    for (let at = 0; at < bytes.length;) {
      sure(at + 46 <= bytes.length && view.getUint32(at, true) === 0x02014b50, "Bad magic number for central directory");
      const lengths = [28, 30, 32].map((place) => view.getUint16(at + place, true)), name = bytes.subarray(at + 46, at + 46 + lengths[0]);
      const part = { flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true), sum: view.getInt32(at + 16, true), raw: name };
      [part.packed, part.size, part.at] = [20, 24, 42].map((place) => view.getUint32(at + place, true));
      part.name = Archive.text(name, part.flags);
      let extra = at + 46 + lengths[0];
      const over = extra + lengths[1];
      while (extra + 4 <= over) {
        const [kind, length] = [view.getUint16(extra, true), view.getUint16(extra + 2, true)];
        if (kind === 1) for (let place = extra + 4, keys = ["size", "packed", "at"]; keys.length;) {
          const key = keys.shift();
          if (part[key] === 0xffffffff) { part[key] = Number(view.getBigUint64(place, true)); place += 8; }
        }
        extra += 4 + length;
      }
      found.push(part);
      at = over + lengths[2];
    }
    return found;
  }

  static text(bytes, flags) {
    if (flags & 0x800) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : OLD_LETTERS[byte - 128])).join("");
  }

  async *pieces(name) {
    const part = this.byName.get(name);
    sure(part, `There is no item named '${name}' in the archive`);
    sure(!(part.flags & 1) && (part.method === 0 || part.method === 8), `File '${name}' is encrypted or packed in an unknown way`);
    const at = part.at + this.shift, head = new DataView(await this.blob.slice(at, at + 30).arrayBuffer());
    sure(head.byteLength === 30 && head.getUint32(0, true) === 0x04034b50, "Bad magic number for file header");
    const named = head.getUint16(26, true), begin = at + 30 + named + head.getUint16(28, true);
    const repeated = new Uint8Array(await this.blob.slice(at + 30, at + 30 + named).arrayBuffer());
    sure(Archive.text(repeated, head.getUint16(6, true)) === part.name, `File name in directory '${name}' and header differ`);
    const packed = this.blob.slice(begin, begin + part.packed);
    sure(packed.size === part.packed && (part.method || part.packed === part.size), `File '${name}' is cut`);
    const reader = (part.method ? packed.stream().pipeThrough(new DecompressionStream("deflate-raw")) : packed.stream()).getReader();
    let sum = -1, left = part.size;
    for (;;) {
      const { done, value } = await reader.read().catch((reason) => { throw new Unreadable(`File '${name}': ${reason.message}`); });
      if (done) break;
      left -= value.length;
      if (left < 0) { reader.cancel().catch(() => 0); throw new Unreadable(`File '${name}' is larger than it says`); }
      for (let i = 0; i < value.length; i++) sum = (sum >>> 8) ^ SUMS[(sum ^ value[i]) & 255];
      yield value;
      await breathe();
    }
    sure(left === 0 && ~sum === part.sum, `Bad CRC-32 for file '${name}'`);
  }

  async digest(name) {
    const hash = new Sha256();
    for await (const piece of this.pieces(name)) hash.add(piece);
    return [hash.size, hash.hex()];
  }

  async blobOf(name) {
    const pieces = [];
    for await (const piece of this.pieces(name)) pieces.push(piece);
    return new Blob(pieces);
  }
}

// SHA-256 and SHA-512, written from FIPS 180-4. Synchronous, because millions of short texts are hashed one after the other.
const UTF8 = new TextEncoder();

function rootOf(value, degree) {
  let found = 0n;
  for (let bit = 1n << 70n; bit; bit >>= 1n) if ((found | bit) ** degree <= value) found |= bit;
  return found;
}

// The constants are the first 64 binary places of the roots of the first primes; SHA-256 takes the upper half of them.
const PRIMES = [];
for (let number = 2n; PRIMES.length < 80; number++) if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
const CUBES = PRIMES.map((prime) => BigInt.asUintN(64, rootOf(prime << 192n, 3n)));
const SQUARES = PRIMES.slice(0, 8).map((prime) => BigInt.asUintN(64, rootOf(prime << 128n, 2n)));
const upper = (words) => Int32Array.from(words, (word) => Number(BigInt.asIntN(32, word >> 32n)));
const ROUNDS = upper(CUBES.slice(0, 64)), START = upper(SQUARES), SCHEDULE = new Int32Array(64);

class Sha256 {
  constructor() {
    this.state = START.slice();
    this.block = new Uint8Array(64);
    this.filled = this.size = 0;
  }

  add(bytes) {
    let at = 0;
    this.size += bytes.length;
    if (this.filled) {
      at = Math.min(64 - this.filled, bytes.length);
      this.block.set(bytes.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return this;
      this.mix(this.block, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) this.mix(bytes, at);
    this.block.set(bytes.subarray(at));
    this.filled = bytes.length - at;
    return this;
  }

  mix(bytes, from) {
    const w = SCHEDULE, state = this.state;
    for (let i = 0; i < 16; i++, from += 4) w[i] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))
        + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
    }
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < 64; i++) {
      const one = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
      const two = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  }

  hex() {
    const bits = this.size * 8, tail = new Uint8Array(this.filled < 56 ? 64 - this.filled : 128 - this.filled);
    tail[0] = 128;
    new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(bits));
    this.add(tail);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

const sha256 = (bytes) => new Sha256().add(bytes).hex();
// What the formats call H: lines put together with line feeds.
const digest = (...lines) => sha256(UTF8.encode(lines.join("\n")));

function sha512(bytes) {
  const right = (x, n) => (x >> n) | BigInt.asUintN(64, x << (64n - n)), cut = (x) => BigInt.asUintN(64, x);
  const padded = new Uint8Array((Math.floor((bytes.length + 16) / 128) + 1) * 128), view = new DataView(padded.buffer);
  padded.set(bytes);
  padded[bytes.length] = 128;
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  let state = SQUARES;
  for (let from = 0; from < padded.length; from += 128) {
    const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(from + i * 8));
    for (let i = 16; i < 80; i++) {
      const x = w[i - 15], y = w[i - 2];
      w.push(cut(w[i - 16] + w[i - 7] + (right(x, 1n) ^ right(x, 8n) ^ (x >> 7n)) + (right(y, 19n) ^ right(y, 61n) ^ (y >> 6n))));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const one = h + (right(e, 14n) ^ right(e, 18n) ^ right(e, 41n)) + ((e & f) ^ (cut(~e) & g)) + CUBES[i] + w[i];
      const two = (right(a, 28n) ^ right(a, 34n) ^ right(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [cut(one + two), a, b, c, cut(d + one), e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, i) => cut(word + state[i]));
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => out.setBigUint64(i * 8, word));
  return new Uint8Array(out.buffer);
}

function fromBase64(text) {
  // As the formats have it: the standard alphabet, padded, in one line.
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

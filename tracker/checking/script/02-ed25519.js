// Verification of Ed25519 signatures, written from RFC 8032: exact integers, no haste, no secrets.
const P = (1n << 255n) - 19n, ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const mod = (x) => ((x % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (let square = mod(base); exponent; exponent >>= 1n, square = (square * square) % P) if (exponent & 1n) result = (result * square) % P;
  return result;
}

const inverse = (x) => power(x, P - 2n);
const CURVE = mod(-121665n * inverse(121666n)), ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const little = (bytes) => bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);

function point(bytes) {
  // A point from its 32 bytes; null for what encodes none.
  const y = little(bytes) & ((1n << 255n) - 1n), odd = BigInt(bytes[31] >> 7);
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(CURVE * y * y + 1n), square = mod(u * inverse(v));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(x * x) !== square || (x === 0n && odd)) return null;
  if ((x & 1n) !== odd) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2)), c = mod(2n * CURVE * t1 * t2), d = mod(2n * z1 * z2);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar, of) {
  let sum = [0n, 1n, 1n, 0n];
  for (let added = of; scalar; scalar >>= 1n, added = plus(added, added)) if (scalar & 1n) sum = plus(sum, added);
  return sum;
}

// The few points of small order are no keys.
const small = (of) => { const [x, y, z] = times(8n, of); return x === 0n && y === z; };
const BASE = point(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

function signed(key, message, signature) {
  // Whether the holder of this key (32 bytes) signed this message (bytes): S·B = R + H(R, A, M)·A.
  if (!key || !signature || key.length !== 32 || signature.length !== 64) return false;
  const a = point(key), r = point(signature.subarray(0, 32)), s = little(signature.subarray(32));
  if (!a || small(a) || !r || s >= ORDER) return false;
  const told = new Uint8Array(64 + message.length);
  told.set(signature.subarray(0, 32));
  told.set(key, 32);
  told.set(message, 64);
  const left = times(s, BASE), right = plus(r, times(little(sha512(told)) % ORDER, a));
  return mod(left[0] * right[2] - right[0] * left[2]) === 0n && mod(left[1] * right[2] - right[1] * left[2]) === 0n;
}

// ES256: P-256 keys and raw 64-byte signatures, as strict as passport/rules/tokens/es256.py.
//
// A public key is `{x, y}`, 32 bytes each, known to lie on the curve. The point arithmetic is our
// own because not every browser imports compressed points.

import { BadToken, base64url, concat, fromBase64url, isBytes, sha256, utf8 } from "./bytes.js";

const COORDINATE = 32;
const KEY_ID = 8;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const HASH = { name: "ECDSA", hash: "SHA-256" };
const P = (1n << 256n) - (1n << 224n) + (1n << 192n) + (1n << 96n) - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const imported = new WeakMap();

export function fromJwk(jwk) {
  if (!isObject(jwk)) throw bad("not a JWK");
  if (jwk.kty !== "EC" || jwk.crv !== "P-256" || "d" in jwk) {
    throw bad("not a public P-256 key");
  }
  const uses = "key_ops" in jwk ? jwk.key_ops : ["verify"];
  if (
    ("use" in jwk && jwk.use !== "sig") ||
    ("alg" in jwk && jwk.alg !== "ES256") ||
    !Array.isArray(uses) ||
    !uses.includes("verify")
  ) {
    throw bad("not a key for ES256 signatures");
  }
  return ofPoint(fromBase64url(jwk.x), fromBase64url(jwk.y));
}

// Of a COSE_Key map, its point whole or compressed.
export function fromCose(key) {
  if (!(key instanceof Map)) throw bad("not a COSE_Key");
  const algorithm = key.has(3) ? key.get(3) : -7;
  if (key.get(1) !== 2 || key.get(-1) !== 1 || key.has(-4) || ![-7, -9].includes(algorithm)) {
    throw bad("not a public P-256 key");
  }
  if (key.has(4) && !(Array.isArray(key.get(4)) && key.get(4).includes(2))) {
    throw bad("not a key for signatures");
  }
  const [x, y] = [key.get(-2), key.get(-3)];
  if (typeof y !== "boolean") return ofPoint(x, y);
  if (!isBytes(x) || x.length !== COORDINATE) throw bad("not a point of P-256");
  return { x, y: other(x, y) };
}

// As a COSE_Key with its point compressed.
export function toCose({ x, y }) {
  return new Map([[1, 2], [-1, 1], [-2, x], [-3, Boolean(y[COORDINATE - 1] & 1)]]);
}

export function toJwk({ x, y }) {
  return { crv: "P-256", kty: "EC", x: base64url(x), y: base64url(y) };
}

// The public half of a WebCrypto key pair.
export async function fromCryptoKey(key) {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  return ofPoint(raw.slice(1, 1 + COORDINATE), raw.slice(1 + COORDINATE));
}

// The JWK thumbprint (RFC 7638), as bytes.
export const digest = (key) => sha256(utf8(JSON.stringify(toJwk(key))));

// The JWK thumbprint: how a token or list names the key.
export const kid = async (key) => base64url(await digest(key));

// The first bytes of the thumbprint. Two keys may share them: try each.
export const shortKid = async (key) => (await digest(key)).slice(0, KEY_ID);

// Whether `signature` (r and s, 32 bytes each) over `message` was made with this key.
export async function verifies(key, message, signature) {
  if (!isBytes(signature) || signature.length !== 2 * COORDINATE) return false;
  const halves = [signature.slice(0, COORDINATE), signature.slice(COORDINATE)].map(number);
  if (halves.some((half) => half === 0n || half >= ORDER)) return false;
  return crypto.subtle.verify(HASH, await cryptoKey(key), signature, message);
}

// r and s, 32 bytes each.
export async function sign(privateKey, message) {
  return new Uint8Array(await crypto.subtle.sign(HASH, privateKey, message));
}

function cryptoKey(key) {
  if (!imported.has(key)) {
    const point = concat(Uint8Array.of(4), key.x, key.y);
    imported.set(key, crypto.subtle.importKey("raw", point, ALGORITHM, true, ["verify"]));
  }
  return imported.get(key);
}

function ofPoint(x, y) {
  if (![x, y].every((one) => isBytes(one) && one.length === COORDINATE)) {
    throw bad("not a point of P-256");
  }
  const [abscissa, ordinate] = [number(x), number(y)];
  if (abscissa >= P || ordinate >= P || modulo(ordinate * ordinate - square(abscissa)) !== 0n) {
    throw bad("not a point of P-256");
  }
  return { x, y };
}

// The y of that oddness over an x.
function other(x, odd) {
  const abscissa = number(x);
  if (abscissa >= P) throw bad("not a point of P-256");
  const wanted = square(abscissa);
  const root = power(wanted, (P + 1n) >> 2n);
  if (modulo(root * root - wanted) !== 0n) throw bad("not a point of P-256");
  const y = (root & 1n) === (odd ? 1n : 0n) ? root : modulo(-root);
  return Uint8Array.from({ length: COORDINATE }, (_, at) =>
    Number((y >> BigInt(8 * (COORDINATE - 1 - at))) & 255n),
  );
}

// y squared over an x: x^3 - 3x + b.
const square = (x) => modulo(x * x * x - 3n * x + B);

function power(base, exponent) {
  let result = 1n;
  for (let factor = base, rest = exponent; rest; rest >>= 1n, factor = modulo(factor * factor)) {
    if (rest & 1n) result = modulo(result * factor);
  }
  return result;
}

const modulo = (value) => ((value % P) + P) % P;

const number = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const bad = (why) => new BadToken("bad_key", why);

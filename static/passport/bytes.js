// Bytes, their spellings, and the one thing that reading a token may throw.

export class BadToken extends Error {
  // `code` is stable; `detail` never repeats what the token holds.
  constructor(code, detail = "") {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

const WRITER = new TextEncoder();
const READER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SEXTETS = new Map([...BASE64URL].map((character, value) => [character, value]));

export const utf8 = (text) => WRITER.encode(text);

// Throws a TypeError for bytes that are not UTF-8.
export const fromUtf8 = (bytes) => READER.decode(bytes);

export const isBytes = (value) => value instanceof Uint8Array;

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Negative, 0 or positive, byte by byte; the shorter of two that begin alike comes first.
export function compare(one, other) {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at += 1) {
    if (one[at] !== other[at]) return one[at] - other[at];
  }
  return one.length - other.length;
}

export const equal = (one, other) => compare(one, other) === 0;

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

// Without padding.
export function base64url(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const group = (first << 16) | (second << 8) | third;
    const length = Math.min(bytes.length - at, 3) + 1;
    for (let place = 0; place < length; place += 1) {
      text += BASE64URL[(group >> (18 - 6 * place)) & 63];
    }
  }
  return text;
}

// Strict: no padding, no other characters, one spelling for each value.
export function fromBase64url(text) {
  if (typeof text !== "string" || text.length % 4 === 1) throw new BadToken("bad_base64");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const value = SEXTETS.get(character);
    if (value === undefined) throw new BadToken("bad_base64");
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (held >> bits) & 255;
      at += 1;
    }
  }
  if (held & ((1 << bits) - 1)) throw new BadToken("bad_base64");
  return bytes;
}

// CBOR with exactly one spelling: deterministic (RFC 8949 section 4.2), read as strictly as
// passport/rules/tokens/cbor_strict.py.
//
// A map is a `Map`; a COSE_Sign1 (tag 18) is a `Sign1`; an integer beyond what a number holds
// exactly is a BigInt, so that a check for numbers refuses it.

import { BadToken, compare, concat, fromUtf8, utf8 } from "./bytes.js";

export const MOST_BYTES = 1500;
export const DEEPEST = 8;
const SIGN1 = 18;
const LEAST = [24n, 1n << 8n, 1n << 16n, 1n << 32n];
const SIMPLE = new Map([[20, false], [21, true], [22, null]]);
const KEY_TYPES = new Set([0, 1, 3]);

export class Sign1 {
  constructor(value) {
    this.value = value;
  }
}

// The one item that `content` is.
export function read(content) {
  if (content.length > MOST_BYTES) throw new BadToken("too_long");
  const reader = new Reader(content);
  const value = reader.item(0);
  if (reader.at !== content.length) throw bad("something after the end");
  return value;
}

// The one spelling of `value`: integers, bytes, text, arrays, `Map`, `Sign1`, booleans, null.
export function write(value) {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return writeInteger(BigInt(value));
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (typeof value === "string") {
    const text = utf8(value);
    return concat(head(3, text.length), text);
  }
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(write));
  if (value instanceof Map) return writeMap(value);
  if (value instanceof Sign1) return concat(head(6, SIGN1), write(value.value));
  throw new TypeError("no CBOR for this value");
}

function writeInteger(value) {
  return value < 0n ? head(1, -1n - value) : head(0, value);
}

function writeMap(map) {
  const entries = [...map].map(([key, value]) => [write(key), write(value)]);
  entries.sort(([one], [other]) => compare(one, other));
  return concat(head(5, map.size), ...entries.flat());
}

function head(major, argument) {
  const value = BigInt(argument);
  if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
  const size = value < 1n << 8n ? 0 : value < 1n << 16n ? 1 : value < 1n << 32n ? 2 : 3;
  const bytes = new Uint8Array(1 + (1 << size));
  bytes[0] = (major << 5) | (24 + size);
  for (let at = bytes.length - 1, rest = value; at > 0; at -= 1, rest >>= 8n) {
    bytes[at] = Number(rest & 255n);
  }
  return bytes;
}

class Reader {
  constructor(content) {
    this.content = content;
    this.at = 0;
  }

  item(depth) {
    const first = this.#take(1)[0];
    const major = first >> 5;
    const size = this.#argument(first & 31, major);
    switch (major) {
      case 0: return size;
      case 1: return typeof size === "bigint" ? -1n - size : -1 - size;
      case 2: return this.#take(size).slice();
      case 3: return this.#text(size);
      case 4: return this.#array(size, deeper(depth));
      case 5: return this.#map(size, deeper(depth));
      case 6:
        if (size !== SIGN1) throw bad("another tag");
        return new Sign1(this.item(deeper(depth)));
      default:
        if (!SIMPLE.has(size)) throw bad("a simple value without meaning here");
        return SIMPLE.get(size);
    }
  }

  #argument(size, major) {
    if (size < 24) return size;
    if (major === 7 || size > 27) throw bad("a float, a reserved form, or no length");
    let number = 0n;
    for (const byte of this.#take(1 << (size - 24))) number = (number << 8n) | BigInt(byte);
    if (number < LEAST[size - 24]) throw bad("not in its shortest form");
    return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
  }

  #take(length) {
    if (length > this.content.length - this.at) throw bad("ends early");
    this.at += length;
    return this.content.subarray(this.at - length, this.at);
  }

  #text(size) {
    try {
      return fromUtf8(this.#take(size));
    } catch (problem) {
      throw problem instanceof BadToken ? problem : bad("text that is not UTF-8");
    }
  }

  #array(size, depth) {
    const found = [];
    for (let count = 0; count < size; count += 1) found.push(this.item(depth));
    return found;
  }

  #map(size, depth) {
    const found = new Map();
    let last = new Uint8Array();
    for (let count = 0; count < size; count += 1) {
      const start = this.at;
      if (start < this.content.length && !KEY_TYPES.has(this.content[start] >> 5)) {
        throw bad("a key that is neither integer nor text");
      }
      const key = this.item(depth);
      const spelling = this.content.subarray(start, this.at);
      if (compare(spelling, last) <= 0) throw bad("keys twice or out of order");
      last = spelling;
      found.set(key, this.item(depth));
    }
    return found;
  }
}

function deeper(depth) {
  if (depth === DEEPEST) throw bad("too deep");
  return depth + 1;
}

const bad = (why) => new BadToken("bad_cbor", why);

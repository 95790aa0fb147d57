// JSON as strictly as passport/rules/tokens/jws.py reads it: names once each, no deeper than 32, numbers
// finite, text that can be written again. The browser's own reader keeps the last of two equal
// names and cannot tell 5.0 from 5.
//
// An object is one without a prototype; an integer beyond what a number holds exactly is a BigInt,
// and any other number a `Float`, so that a check for integers refuses both.

import { BadToken, fromUtf8 } from "./bytes.js";

const DEEPEST = 32;
const MOST_DIGITS = 4300;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const LONE = /\p{Surrogate}/u;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = new Map([["true", true], ["false", false], ["null", null]]);

export class Float {
  constructor(value) {
    this.value = value;
  }
}

export const isObject = (value) =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;

// The JSON object that these bytes are.
export function jsonObject(bytes) {
  const value = jsonValue(bytes);
  if (!isObject(value)) throw bad();
  return value;
}

export function jsonValue(bytes) {
  let text;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw bad();
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.skip(SPACE);
  if (reader.at !== text.length) throw bad();
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  skip(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  value(depth) {
    this.skip(SPACE);
    const first = this.text[this.at];
    if (depth > DEEPEST) throw bad();
    if (first === "{") return this.#object(depth + 1);
    if (first === "[") return this.#array(depth + 1);
    if (first === '"') return this.#string();
    for (const [word, meaning] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    return this.#number();
  }

  #object(depth) {
    const found = Object.create(null);
    this.#members("}", () => {
      this.skip(SPACE);
      const name = this.#string();
      if (Object.hasOwn(found, name)) throw bad();
      this.#expect(":");
      found[name] = this.value(depth);
    });
    return found;
  }

  #array(depth) {
    const found = [];
    this.#members("]", () => found.push(this.value(depth)));
    return found;
  }

  #members(end, one) {
    this.at += 1;
    this.skip(SPACE);
    if (this.text[this.at] !== end) {
      do one();
      while (this.#taken(","));
    }
    this.#expect(end);
  }

  #taken(character) {
    this.skip(SPACE);
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  #expect(character) {
    if (!this.#taken(character)) throw bad();
  }

  #string() {
    if (this.text[this.at] !== '"') throw bad();
    this.at += 1;
    let found = "";
    for (;;) {
      found += this.skip(PLAIN)[0];
      const next = this.text[this.at];
      this.at += 1;
      if (next === '"') break;
      if (next !== "\\") throw bad();
      found += this.#escape();
    }
    if (LONE.test(found)) throw bad();
    return found;
  }

  #escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter !== "u") {
      if (!Object.hasOwn(ESCAPES, letter ?? "")) throw bad();
      return ESCAPES[letter];
    }
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw bad();
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  #number() {
    const found = this.skip(NUMBER);
    if (!found) throw bad();
    const [text, fraction, exponent] = found;
    if (fraction === undefined && exponent === undefined) {
      if (text.length > MOST_DIGITS) throw bad();
      return Number.isSafeInteger(Number(text)) ? Number(text) + 0 : BigInt(text);
    }
    if (!Number.isFinite(Number(text))) throw bad();
    return new Float(Number(text));
  }
}

const bad = () => new BadToken("bad_json");

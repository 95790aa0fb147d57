// Base45 (RFC 9285), read as strictly as passport/rules/tokens/base45.py: upper case, one spelling each.

import { BadToken } from "./bytes.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]));

// Three characters for two bytes, two for a last one.
export function encode(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    const number = pair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    text += ALPHABET[number % 45] + ALPHABET[Math.floor(number / 45) % 45];
    if (pair) text += ALPHABET[Math.floor(number / 2025)];
  }
  return text;
}

export function decode(text) {
  const bad = () => new BadToken("bad_base45");
  if (typeof text !== "string" || text.length % 3 === 1) throw bad();
  const values = [...text].map((character) => {
    const value = VALUES.get(character);
    if (value === undefined) throw bad();
    return value;
  });
  const bytes = [];
  for (let at = 0; at < values.length; at += 3) {
    const [low, middle, high] = values.slice(at, at + 3);
    const number = low + 45 * middle + 2025 * (high ?? 0);
    if (high === undefined) {
      if (number > 255) throw bad();
      bytes.push(number);
    } else {
      if (number > 65535) throw bad();
      bytes.push(number >> 8, number & 255);
    }
  }
  return Uint8Array.from(bytes);
}

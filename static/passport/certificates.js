// X.509, as little of it as a holder needs: whose certificate it says it is, and its P-256 key.

import { BadToken, hex } from "./bytes.js";

const P256 = "06072a8648ce3d020106082a8648ce3d030107";
const [ORGANISATION, COMMON_NAME] = ["55040a", "550403"];
const VERSION = 0xa0;

// The key and the name of the DER certificate. Raises `BadToken` (`bad_certificate`).
export function leaf(der) {
  try {
    const [signed] = elements(elements(der)[0].content);
    const all = elements(signed.content);
    const [, , , , subject, key] = all[0].tag === VERSION ? all.slice(1) : all;
    return { key: keyOf(key.content), name: nameOf(subject.content) };
  } catch (problem) {
    throw problem instanceof BadToken ? problem : bad();
  }
}

function keyOf(content) {
  const [algorithm, { content: point }] = elements(content);
  if (hex(algorithm.content) !== P256 || point.length !== 66 || point[0] !== 0 || point[1] !== 4) {
    throw bad("not a P-256 key");
  }
  return { x: point.slice(2, 34), y: point.slice(34) };
}

// The organisation, else the common name.
function nameOf(content) {
  const names = {};
  for (const set of elements(content)) {
    const [kind, value] = elements(elements(set.content)[0].content);
    names[hex(kind.content)] = new TextDecoder().decode(value.content);
  }
  return names[ORGANISATION] ?? names[COMMON_NAME] ?? "";
}

function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    let length = bytes[at + 1];
    at += 2;
    if (length > 127) {
      const size = length & 127;
      if (size < 1 || size > 3) throw bad();
      length = bytes.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
      at += size;
    }
    if (!(at + length <= bytes.length)) throw bad();
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

const bad = (why = "") => new BadToken("bad_certificate", why);

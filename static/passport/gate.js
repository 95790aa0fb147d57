// The gate token, read and checked as passport/rules/tokens/gate_token.py does: a phone's signature with
// the time over what an issuer signed.

import * as base45 from "./base45.js";
import { BadToken, isBytes } from "./bytes.js";
import * as cbor from "./cbor.js";
import { digest, fromCose, verifies } from "./es256.js";
import { odsCode, unpack } from "./gate_facts.js";
import { DAY, SECOND } from "./numeric_dates.js";

export const PREFIX = "SP1:";
export const GATE = "dsp:gate";
// How far the phone's signature may lie behind and ahead of the verifier's now.
export const OLDEST = 60 * SECOND;
export const NEWEST = 30 * SECOND;
// How long a verifier keeps what it has seen: longer than any token is taken.
export const REPLAY = 120 * SECOND;

const MOST_DAYS = 7;
const [ES256, ESP256] = [-7, -9];
const [ALG, KID, KCWT, TYP] = [1, 4, 13, 16];
const [CWT, KBT] = [293, 294];
const [ISS, AUD, EXP, IAT, CTI, CNF, CNONCE] = [1, 3, 4, 6, 7, 8, 39];
const [STATUS, FACTS, COSE_KEY] = [65535, -65537, 1];
const [KID_BYTES, LONGEST_CTI, LONGEST_URI, LATEST] = [8, 32, 200, 253_402_300_799];
const MOST_TEXT = PREFIX.length + (cbor.MOST_BYTES * 3) / 2;
const CHALLENGE = /^[0-9]{4,6}$/;
const URI = /^https?:\/\/[!-~]+$/;

// The gate token of a QR code's text, not yet believed: `said` is only for finding the key.
export function read(text) {
  if (typeof text !== "string" || !text.startsWith(PREFIX)) throw new BadToken("not_a_token");
  if (text.length > MOST_TEXT) throw new BadToken("too_long");
  const item = cbor.read(base45.decode(text.slice(PREFIX.length)));
  const shown = signed(item, KBT, [ALG, KCWT, TYP]);
  const issued = signed(shown.header.get(KCWT), CWT, [ALG, KID, TYP]);
  return { said: claims(issued, shown), issued, shown };
}

// What it says, believed, where `key` is the issuer's.
export async function check(token, key, { now, audience = GATE, challenge = null }) {
  const { said, issued, shown } = token;
  if (!(await verifies(key, issued.message, issued.signature))) {
    throw new BadToken("bad_signature", "not signed by this issuer's key");
  }
  if (!(await verifies(said.holder, shown.message, shown.signature))) {
    throw new BadToken("bad_holder_signature", "not signed by the phone it was issued to");
  }
  if (![audience].flat().includes(said.audience)) throw new BadToken("wrong_audience");
  checkChallenge(said.challenge, challenge);
  checkTimes(said, now);
  return said;
}

// Keep it for `REPLAY`, refuse it when it comes again: the phone's key and its second.
export async function seenAs(said) {
  return { digest: await digest(said.holder), second: said.shownAt / SECOND };
}

function checkChallenge(given, wanted) {
  if (given === wanted) return;
  if (wanted === null) {
    throw new BadToken("challenge_not_asked_for", "made for another verifier's challenge");
  }
  throw new BadToken(given === null ? "challenge_missing" : "wrong_challenge");
}

function checkTimes(said, now) {
  const difference = said.shownAt - now;
  const seconds = Math.floor(Math.abs(difference) / SECOND);
  if (difference < -OLDEST) {
    throw new BadToken("too_old", `the holder's clock was ${seconds} s behind, or a copy`);
  }
  if (difference > NEWEST) {
    throw new BadToken("too_new", `the holder's clock was ${seconds} s ahead`);
  }
  if (now >= said.expiresAt) throw new BadToken("expired");
  if (now < said.issuedAt - NEWEST) throw new BadToken("issued_in_the_future");
}

// What both payloads say, each claim of the kind it must be and none besides.
function claims(issued, shown) {
  const [payload, proof, kid] = [issued.payload, shown.payload, issued.header.get(KID)];
  if (
    !within(payload, [ISS, EXP, IAT, CTI, CNF, STATUS, FACTS]) ||
    !within(proof, [AUD, IAT, CNONCE])
  ) {
    throw new BadToken("claims_not_understood");
  }
  if (!isBytes(kid) || kid.length !== KID_BYTES) {
    throw new BadToken("header_not_understood", "no key name of 8 bytes");
  }
  if (payload.has(CTI)) checkTokenId(payload.get(CTI));
  const [issuedAt, expiresAt] = [time(payload.get(IAT)), time(payload.get(EXP))];
  if (expiresAt <= issuedAt || expiresAt - issuedAt > MOST_DAYS * DAY) {
    throw new BadToken("bad_time", "lives for no time, or for more than seven days");
  }
  const ods = odsCode(payload.get(ISS));
  return {
    ods,
    kid,
    facts: unpack(payload.get(FACTS), ods),
    holder: holder(payload.get(CNF)),
    status: payload.has(STATUS) ? status(payload.get(STATUS)) : null,
    issuedAt,
    expiresAt,
    shownAt: time(proof.get(IAT)),
    audience: audienceOf(proof.get(AUD)),
    challenge: proof.has(CNONCE) ? challengeOf(proof.get(CNONCE)) : null,
  };
}

// A COSE_Sign1 with its payload inside, of that type and with exactly those parameters.
function signed(item, typ, header) {
  const parts = item instanceof cbor.Sign1 ? item.value : null;
  if (!Array.isArray(parts) || parts.length !== 4) {
    throw new BadToken("not_a_token", "no COSE_Sign1");
  }
  const [protectedHeader, unprotected, payload, signature] = parts;
  if (![protectedHeader, payload, signature].every(isBytes)) {
    throw new BadToken("not_a_token", "no COSE_Sign1");
  }
  if (!(unprotected instanceof Map) || unprotected.size) throw new BadToken("header_not_protected");
  const [found, said] = [cbor.read(protectedHeader), cbor.read(payload)];
  if (!(found instanceof Map) || !(said instanceof Map)) throw new BadToken("not_a_token", "no CWT");
  if (![ES256, ESP256].includes(found.get(ALG))) throw new BadToken("wrong_algorithm");
  if (found.get(TYP) !== typ) {
    throw new BadToken("wrong_type", typ === KBT ? "the phone's proof is missing" : "");
  }
  if (found.size !== header.length || !within(found, header)) {
    throw new BadToken("header_not_understood");
  }
  return { header: found, payload: said, message: toSign(protectedHeader, payload), signature };
}

// Sig_structure (RFC 9052 section 4.4).
export const toSign = (header, payload) =>
  cbor.write(["Signature1", header, new Uint8Array(), payload]);

const within = (map, keys) => [...map.keys()].every((key) => keys.includes(key));

function time(value) {
  if (!Number.isSafeInteger(value) || value < 0 || value > LATEST) throw new BadToken("bad_time");
  return value * SECOND;
}

function holder(confirmation) {
  if (!(confirmation instanceof Map) || confirmation.size !== 1 || !confirmation.has(COSE_KEY)) {
    throw new BadToken("bad_key", "no phone to be bound to");
  }
  return fromCose(confirmation.get(COSE_KEY));
}

function status(value) {
  const inner = value instanceof Map && value.size === 1 ? value.get("status_list") : null;
  if (!(inner instanceof Map) || inner.size !== 2 || !within(inner, ["idx", "uri"])) {
    throw new BadToken("bad_status");
  }
  const [idx, uri] = [inner.get("idx"), inner.get("uri")];
  if (!Number.isSafeInteger(idx) || idx < 0 || idx >= 2 ** 32) throw new BadToken("bad_status");
  if (typeof uri !== "string" || uri.length > LONGEST_URI || !URI.test(uri)) {
    throw new BadToken("bad_status");
  }
  return { uri, idx };
}

function checkTokenId(cti) {
  if (!isBytes(cti) || cti.length === 0 || cti.length > LONGEST_CTI) {
    throw new BadToken("claims_not_understood");
  }
}

const audienceOf = (value) => (value === GATE ? GATE : odsCode(value));

function challengeOf(value) {
  const text = isBytes(value) ? String.fromCharCode(...value) : "";
  if (!CHALLENGE.test(text)) throw new BadToken("bad_challenge");
  return text;
}

// SD-JWT VC (RFC 9901 and its profile for credentials) as a holder reads and presents it.
//
// Claims are objects without a prototype: a claim may be called `__proto__` and is then just that.

import { BadToken, base64url, equal, fromBase64url, sha256, utf8 } from "./bytes.js";
import { fromJwk } from "./es256.js";
import { isObject, jsonValue, jsonObject } from "./json_strict.js";
import * as jws from "./jws.js";
import { write } from "./jws_sign.js";

const MOST_TEXT = 200_000;
const DEEPEST = 16;
const TYP = "dc+sd-jwt";
const TOKEN = new Set(["iss", "vct", "vct#integrity", "aka_vcts", "iat", "nbf", "exp", "cnf", "status", "sub", "jti", "_sd_alg"]);

// What an issuer's text says: `{token, claims, vct, iss, exp, nbf, status, holder, hidden}`. `hidden`
// tells which top-level claims the holder may leave out, with the disclosures each needs.
export async function read(text) {
  if (typeof text !== "string" || text.length > MOST_TEXT || !text.endsWith("~")) {
    throw new BadToken("not_a_token", "no SD-JWT, or one that was shown already");
  }
  const [first, ...rest] = text.slice(0, -1).split("~");
  const token = jws.read(first, { typ: TYP, most: MOST_TEXT });
  const payload = jsonObject(token.payload);
  if ("_sd_alg" in payload && payload._sd_alg !== "sha-256") throw new BadToken("wrong_hash");
  const claims = await processed(payload, rest);
  if (typeof claims.whole.vct !== "string") throw new BadToken("not_a_credential");
  const { vct, iss = "", exp = null, nbf = null, status = null, cnf = null } = claims.whole;
  const own = Object.create(null);
  for (const [name, value] of Object.entries(claims.whole)) if (!TOKEN.has(name)) own[name] = value;
  return {
    token, claims: own, hidden: claims.hidden, vct, iss, exp, nbf,
    integrity: claims.whole["vct#integrity"] ?? null,
    status: statusOf(status),
    holder: cnf?.jwk ? fromJwk(onlyPublic(cnf.jwk)) : null,
  };
}

// A holder's key may carry further members that are nobody's business here.
const onlyPublic = ({ kty, crv, x, y, d }) => ({ kty, crv, x, y, ...(d !== undefined && { d }) });

function statusOf(status) {
  const at = status?.status_list;
  return typeof at?.uri === "string" && Number.isInteger(at.idx) && at.idx >= 0 ? { uri: at.uri, idx: at.idx } : null;
}

async function processed(payload, disclosures) {
  const known = new Map();
  for (const encoded of disclosures) {
    const digest = base64url(await sha256(utf8(encoded)));
    if (known.has(digest)) throw new BadToken("disclosure_twice");
    known.set(digest, { encoded, parts: parts(encoded), used: false });
  }
  const seen = new Set();
  const hidden = new Map();
  const take = (digest) => {
    if (typeof digest !== "string" || seen.has(digest)) throw new BadToken("digest_twice");
    seen.add(digest);
    const found = known.get(digest);
    if (found) found.used = true;
    return found;
  };
  const whole = resolve(payload, take, 0, (name, needed) => hidden.set(name, needed));
  if ([...known.values()].some((one) => !one.used)) throw new BadToken("disclosure_unreferenced");
  return { whole, hidden };
}

function parts(encoded) {
  const value = jsonValue(fromBase64url(encoded));
  if (!Array.isArray(value) || (value.length !== 2 && value.length !== 3) || typeof value[0] !== "string") {
    throw new BadToken("bad_disclosure");
  }
  return value;
}

// The value with its hidden parts put back; `told` is called with each hidden top-level claim.
function resolve(value, take, depth, told = null, needs = []) {
  if (depth > DEEPEST) throw new BadToken("too_deep");
  if (Array.isArray(value)) return value.flatMap((one) => entry(one, take, depth, needs));
  if (!isObject(value)) return value;
  const whole = Object.create(null);
  for (const [name, inner] of Object.entries(value)) {
    if (name === "_sd") continue;
    if (name === "...") throw new BadToken("bad_disclosure", "a reserved name");
    whole[name] = resolve(inner, take, depth + 1, null, needs);
  }
  for (const digest of listed(value._sd)) {
    const found = take(digest);
    if (!found) continue;
    const [, name, inner] = found.parts;
    if (found.parts.length !== 3 || typeof name !== "string" || name === "_sd" || name === "..." || name in whole) {
      throw new BadToken("bad_disclosure");
    }
    const own = told ? [found.encoded] : needs;
    if (!told) needs.push(found.encoded);
    whole[name] = resolve(inner, take, depth + 1, null, own);
    if (told) told(name, own);
  }
  return whole;
}

function entry(one, take, depth, needs) {
  const isHidden = isObject(one) && "..." in one;
  if (!isHidden) return [resolve(one, take, depth + 1, null, needs)];
  if (Object.keys(one).length !== 1) throw new BadToken("bad_disclosure");
  const found = take(one["..."]);
  if (!found) return [];
  if (found.parts.length !== 2) throw new BadToken("bad_disclosure");
  needs.push(found.encoded);
  return [resolve(found.parts[1], take, depth + 1, null, needs)];
}

function listed(digests) {
  if (digests === undefined) return [];
  if (!Array.isArray(digests)) throw new BadToken("bad_disclosure");
  return digests;
}

// The text with only the named claims shown, and the holder's signature for one verifier. What the
// issuer never hid is shown with it.
export async function present(text, names, { pair, audience, nonce, now = Date.now() }) {
  const { hidden } = await read(text);
  const needed = new Set(names.flatMap((name) => hidden.get(name) ?? []));
  const [first, ...rest] = text.slice(0, -1).split("~");
  // Hidden parts inside claims that are never hidden themselves are shown, too.
  const top = new Set([...hidden.values()].flat());
  const kept = rest.filter((one) => needed.has(one) || !top.has(one));
  const shown = `${[first, ...kept].join("~")}~`;
  const proof = {
    iat: Math.floor(now / 1000), aud: audience, nonce,
    sd_hash: base64url(await sha256(utf8(shown))),
  };
  return shown + (await write({ alg: "ES256", typ: "kb+jwt" }, proof, pair.privateKey));
}

export const sameKey = (one, other) => equal(one.x, other.x) && equal(one.y, other.y);

// Compact JWS as passport/rules/tokens/jws.py reads it: ES256, one `typ`, nothing critical. Reading and
// believing are two steps, and a key in a header counts for nothing here.

import { BadToken, fromBase64url, utf8 } from "./bytes.js";
import { verifies } from "./es256.js";
import { jsonObject } from "./json_strict.js";

const REFUSED = ["crit", "b64", "zip", "jku", "x5u"];
const ASCII = /^[\u0000-\u007f]*$/;

// A JWS of that `typ` and at most so many characters, not yet believed.
export function read(text, { typ, most }) {
  if (typeof text !== "string" || text.length > most || !ASCII.test(text)) {
    throw new BadToken("not_a_token");
  }
  const parts = text.split(".");
  if (parts.length !== 3) throw new BadToken("not_a_token");
  const header = jsonObject(fromBase64url(parts[0]));
  if (header.alg !== "ES256") throw new BadToken("wrong_algorithm");
  if (header.typ !== typ) throw new BadToken("wrong_type");
  if (REFUSED.some((name) => name in header)) throw new BadToken("header_not_understood");
  if ("jwk" in header) throw new BadToken("key_not_asked_for");
  if ("kid" in header && typeof header.kid !== "string") throw new BadToken("header_not_understood");
  return {
    header,
    payload: fromBase64url(parts[1]),
    signed: utf8(`${parts[0]}.${parts[1]}`),
    signature: fromBase64url(parts[2]),
  };
}

// The first of these keys that signed it; none is a `bad_signature`.
export async function signer(token, keys) {
  for (const key of keys) {
    if (await verifies(key, token.signed, token.signature)) return key;
  }
  throw new BadToken("bad_signature");
}

// The phone's part of a gate token: the issuer's statement, signed again with the time and, where a
// checker asked for one, a challenge. Bytes as in docs/gate-token.cddl and rules/tokens/gate_token.py.

import { encode } from "./base45.js";
import { BadToken, equal, utf8 } from "./bytes.js";
import { Sign1, read, write } from "./cbor.js";
import { fromCryptoKey, sign } from "./es256.js";
import * as gate from "./gate.js";

const [ALG, KCWT, TYP] = [1, 13, 16];
const [AUD, IAT, CNONCE] = [3, 6, 39];
const ES256 = -7;
const KBT = 294;

export const isChallenge = (text) => /^[0-9]{4,6}$/.test(text);

// The text of the code to show at `now` (milliseconds since 1970).
export async function show(cwt, { privateKey, now, audience = gate.GATE, challenge = null }) {
  const claims = new Map([[AUD, audience], [IAT, Math.floor(now / 1000)]]);
  if (challenge !== null) claims.set(CNONCE, utf8(challenge));
  const header = write(new Map([[ALG, ES256], [KCWT, read(cwt)], [TYP, KBT]]));
  const payload = write(claims);
  const signature = await sign(privateKey, gate.toSign(header, payload));
  return gate.PREFIX + encode(write(new Sign1([header, new Map(), payload, signature])));
}

// What the issuer's statement says, read as a checker would. Raises `BadToken`.
export async function said(cwt, pair, now = Date.now()) {
  return gate.read(await show(cwt, { privateKey: pair.privateKey, now })).said;
}

// Raises `BadToken` unless one of the issuer's keys signed it, for this phone, and it still holds.
export async function issuedBy(cwt, pair, keys, now = Date.now()) {
  const token = gate.read(await show(cwt, { privateKey: pair.privateKey, now }));
  const own = await fromCryptoKey(pair.publicKey);
  const bound = equal(own.x, token.said.holder.x) && equal(own.y, token.said.holder.y);
  if (!bound) throw new BadToken("wrong_holder");
  for (const key of keys) {
    const wrong = await gate.check(token, key, { now }).then(() => null, (problem) => problem);
    if (!wrong) return token.said;
    if (wrong.code !== "bad_signature") throw wrong;
  }
  throw new BadToken("bad_signature");
}

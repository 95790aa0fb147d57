// An unsigned JWE to a P-256 key: ECDH-ES with AES-GCM, as encrypted answers of OpenID4VP use it
// (RFC 7518 section 4.6, Concat KDF of one round).

import { BadToken, base64url, concat, utf8 } from "./bytes.js";
import { fromJwk } from "./es256.js";

const BITS = { A128GCM: 128, A256GCM: 256 };
const CURVE = { name: "ECDH", namedCurve: "P-256" };

export const known = (enc) => Object.hasOwn(BITS, enc);

export async function encrypt(payload, jwk, enc) {
  if (!known(enc)) throw new BadToken("wrong_encryption");
  const { x, y } = fromJwk({ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y });
  const theirs = await crypto.subtle.importKey("raw", concat(Uint8Array.of(4), x, y), CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const { crv, kty, x: ownX, y: ownY } = await crypto.subtle.exportKey("jwk", ours.publicKey);
  const header = { alg: "ECDH-ES", enc, ...(jwk.kid && { kid: jwk.kid }), epk: { kty, crv, x: ownX, y: ownY } };
  const named = base64url(utf8(JSON.stringify(header)));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const key = await crypto.subtle.importKey("raw", await derived(new Uint8Array(shared), enc), "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(named) }, key, utf8(JSON.stringify(payload))));
  const parts = [iv, sealed.slice(0, -16), sealed.slice(-16)].map(base64url);
  return [named, "", ...parts].join(".");
}

async function derived(shared, enc) {
  const name = utf8(enc);
  const nobody = number(0);
  const input = concat(number(1), shared, number(name.length), name, nobody, nobody, number(BITS[enc]));
  const digest = await crypto.subtle.digest("SHA-256", input);
  return digest.slice(0, BITS[enc] / 8);
}

function number(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

// Token Status List in its JWT form, as passport/rules/tokens/status_list.py reads it.

import { BadToken, concat, fromBase64url } from "./bytes.js";
import { read, signer } from "./jws.js";
import { Float, isObject, jsonObject } from "./json_strict.js";
import { issuedAndEnds } from "./numeric_dates.js";

const TYP = "statuslist+jwt";
const MOST_TEXT = 4 * 1024 * 1024;
const MOST_BYTES = 8 * 1024 * 1024;
const LONGEST_URI = 2048;
const LONGEST_TTL = 3660 * 86_400;
const BITS = [1, 2, 4, 8];
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-Z\[\]_a-z~]+$/;

export const VALID = 0;
export const INVALID = 1;

// The list published at `uri`, signed by one of `keys`. `atLeast`: the `iat` of the newest list
// ever seen there; an older one is a roll-back.
export async function readList(text, { uri, keys, now, atLeast = null }) {
  const token = read(text, { typ: TYP, most: MOST_TEXT });
  const key = await signer(token, keys);
  const claims = jsonObject(token.payload);
  if (claims.sub !== uri) throw new BadToken("wrong_subject", "a list for another address");
  if ("aud" in claims) throw new BadToken("wrong_audience", "a list is for everybody");
  const [iat, exp] = issuedAndEnds(claims, now);
  if (atLeast !== null && iat < atLeast) {
    throw new BadToken("rolled_back", "a newer list was seen before");
  }
  const { bits, packed } = await entries(claims.status_list);
  if ("ttl" in claims) checkTtl(claims.ttl);
  return { signer: key, iat, exp, bits, packed };
}

// The status at an index: 0 is valid, 1 revoked for good; any other is not good either.
export function statusAt({ bits, packed }, idx) {
  if (!Number.isSafeInteger(idx) || idx < 0 || idx >= (packed.length * 8) / bits) {
    throw new BadToken("bad_status_index", "the list has no such index");
  }
  const bit = idx * bits;
  return (packed[Math.floor(bit / 8)] >> bit % 8) & ((1 << bits) - 1);
}

async function entries(found) {
  if (!isObject(found)) throw new BadToken("bad_status_list", "no status_list");
  if (!BITS.includes(found.bits)) {
    throw new BadToken("bad_status_list", "bits is none of 1, 2, 4, 8");
  }
  if ("aggregation_uri" in found) checkUri(found.aggregation_uri);
  return { bits: found.bits, packed: await inflated(fromBase64url(found.lst)) };
}

// Never much more than the bound is unpacked, whatever the text promises.
async function inflated(compressed) {
  const reader = new Blob([compressed])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"))
    .getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new BadToken("bad_status_list", "not one zlib stream");
    });
    if (done) return concat(...parts);
    length += value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      throw new BadToken("too_large", "the list inflates beyond the bound");
    }
    parts.push(value);
  }
}

function checkTtl(value) {
  const seconds = value instanceof Float ? value.value : value;
  if (typeof seconds !== "number" || !(seconds > 0 && seconds <= LONGEST_TTL)) {
    throw new BadToken("bad_ttl", "not a positive number of seconds within reason");
  }
}

function checkUri(value) {
  if (typeof value !== "string" || value.length > LONGEST_URI || !URI.test(value)) {
    throw new BadToken("bad_uri", "not an address (RFC 3986)");
  }
}

// NumericDate claims (RFC 7519 section 2), as moments in milliseconds since 1970.

import { BadToken } from "./bytes.js";
import { Float } from "./json_strict.js";

export const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;
const SKEW = 60 * SECOND;
const LATEST = 253_402_300_799;

export function moment(value) {
  const seconds = value instanceof Float ? value.value : value;
  if (typeof seconds !== "number" || seconds < 0 || seconds > LATEST) {
    throw new BadToken("bad_time", "not a number of seconds since 1970");
  }
  return Math.round(seconds * SECOND);
}

// `iat`, which has to be there, and `exp` or null: at its `exp` a token has expired.
export function issuedAndEnds(claims, now) {
  if (!("iat" in claims)) throw new BadToken("claim_missing", "iat");
  const issued = moment(claims.iat);
  const ends = "exp" in claims ? moment(claims.exp) : null;
  const begins = "nbf" in claims ? moment(claims.nbf) : issued;
  if (issued > now + SKEW) throw new BadToken("made_in_the_future");
  if (begins > now + SKEW) throw new BadToken("not_yet_valid");
  if (ends !== null && ends <= now) throw new BadToken("expired");
  return [issued, ends];
}

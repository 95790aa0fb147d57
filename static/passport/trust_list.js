// The trust list, as passport/rules/tokens/trust_list.py reads it: who issues, with which keys, and what
// each may say. Where a root certifies whoever signs the list, the server has checked that and
// names the key.

import { BadToken, compare, equal } from "./bytes.js";
import { fromJwk, shortKid } from "./es256.js";
import { read, signer } from "./jws.js";
import { isObject, jsonObject } from "./json_strict.js";
import { issuedAndEnds, moment } from "./numeric_dates.js";

const TYP = "dsp-trustlist+jwt";
const MOST_TEXT = 2 * 1024 * 1024;
const [MOST_ISSUERS, MOST_KEYS, MOST_TYPES, MOST_PREFIXES] = [2000, 50, 100, 1000];
const ODS = /^[A-Z0-9]{3,8}$/;
const TYPE = /^[A-Za-z0-9_.-]{1,64}$/;
const KID = /^[!-~]{1,200}$/;
const URL_FORM = /^https?:\/\/(?!\/)[!#-;=?-Z\[\]_a-z~]{1,2000}$/;
const NOT_PRINTED = /[\p{C}\p{Z}]/u;

export class TrustList {
  constructor(fields) {
    Object.assign(this, fields);
  }

  // Every issuer and key whose thumbprint begins so; two may.
  byShortKid(short) {
    return this.issuers.flatMap((issuer) =>
      issuer.keys
        .filter((listed) => equal(listed.shortKid, short))
        .map((listed) => ({ issuer, listed })),
    );
  }

  // The keys to try on the status lists of what this organisation issued: its own and those of the
  // organisations that took over from it.
  statusKeys(ods) {
    return this.#line(ods).flatMap((issuer) => issuer.keys.map((listed) => listed.key));
  }

  // The code of what speaks against that key's word on status at that moment, or null.
  whyNotStatus(ods, key, at) {
    return whyNotKey(this.#line(ods).flatMap((issuer) => issuer.keys), key, at);
  }

  #line(ods) {
    const line = [];
    let next = this.issuers.find((one) => one.ods === ods);
    while (next && !line.includes(next)) {
      line.push(next);
      const { successor } = next;
      next = this.issuers.find((one) => one.ods === successor);
    }
    return line;
  }
}

// The code of what speaks against something issued at that moment, or null.
export function whyNot(listed, at) {
  if (at < listed.notBefore) return "key_not_yet_in_force";
  if (at >= listed.notAfter) return "key_no_longer_in_force";
  if (listed.revokedFrom !== null && at >= listed.revokedFrom) return "key_revoked";
  return null;
}

// The code of what speaks against believing that issuer on a credential of that type, or null.
export function whyNotTrusted(issuer, key, type, at) {
  const againstKey = whyNotKey(issuer.keys, key, at);
  return againstKey === null && !issuer.asserts.has(type) ? "type_not_allowed" : againstKey;
}

// The list, if `root` signed it. `atLeast`: the highest version ever seen of it.
export async function readTrust(text, { root, now, atLeast = 0 }) {
  const token = read(text, { typ: TYP, most: MOST_TEXT });
  await signer(token, [root]);
  const claims = jsonObject(token.payload);
  if ("aud" in claims) throw new BadToken("wrong_audience", "a list is for everybody");
  const [iat, exp] = issuedAndEnds(claims, now);
  if (exp === null) throw new BadToken("claim_missing", "exp");
  const { version } = claims;
  if (!Number.isSafeInteger(version) || version <= 0) throw new BadToken("bad_version");
  const found = new TrustList({
    iss: url(claims.iss),
    sub: url(claims.sub),
    iat,
    exp,
    version,
    vctBase: url(claims.vct_base),
    statusPrefixes: list(claims.status_prefixes, MOST_PREFIXES).map(prefix),
    issuers: await issuers(claims.issuers),
  });
  if (version < atLeast) throw new BadToken("rolled_back", "a newer version was seen before");
  return found;
}

function whyNotKey(keys, key, at) {
  const against = keys
    .filter((listed) => compare(listed.key.x, key.x) === 0 && compare(listed.key.y, key.y) === 0)
    .map((listed) => whyNot(listed, at));
  if (against.length === 0) return "key_not_listed";
  return against.includes(null) ? null : against[0];
}

async function issuers(value) {
  const found = await Promise.all(list(value, MOST_ISSUERS).map(issuer));
  const byOds = new Map(found.map((one) => [one.ods, one]));
  if (byOds.size !== found.length) throw badList("an organisation twice");
  for (const first of found) {
    const line = new Set();
    for (let next = first; next.successor !== null; next = byOds.get(next.successor)) {
      if (!byOds.has(next.successor)) throw badList("a successor that is not listed");
      if (line.has(next)) throw badList("organisations that succeed each other");
      line.add(next);
    }
  }
  return found;
}

async function issuer(value) {
  const found = object(value);
  return {
    ods: matching(ODS, found.ods, "an ODS code"),
    name: name(found.name),
    keys: await Promise.all(list(found.keys, MOST_KEYS).map(listedKey)),
    asserts: new Set(
      list(found.asserts, MOST_TYPES).map((one) => matching(TYPE, one, "a credential type")),
    ),
    successor: matching(ODS, found.successor ?? null, "an ODS code", { orNull: true }),
  };
}

async function listedKey(value) {
  const found = object(value);
  const key = fromJwk(found.jwk);
  const listed = {
    kid: matching(KID, found.kid, "a key's name"),
    key,
    shortKid: await shortKid(key),
    notBefore: moment(found.not_before),
    notAfter: moment(found.not_after),
    revokedFrom: (found.revoked_from ?? null) === null ? null : moment(found.revoked_from),
  };
  if (listed.notAfter <= listed.notBefore) throw badList("a key that ends before it begins");
  return listed;
}

function object(value) {
  if (!isObject(value)) throw badList("not an object");
  return value;
}

function list(value, most) {
  if (!Array.isArray(value) || value.length > most) throw badList(`not a list of at most ${most}`);
  return value;
}

function matching(pattern, value, what, { orNull = false } = {}) {
  if (orNull && value === null) return null;
  if (typeof value !== "string" || !pattern.test(value)) throw badList(`not ${what}`);
  return value;
}

// Text that stands on a verdict as it is: nothing invisible, nothing that turns it round.
function name(value) {
  const shown = typeof value === "string" ? [...value] : [];
  const hidden = shown.some((one) => one !== " " && NOT_PRINTED.test(one));
  if (shown.length === 0 || shown.length > 200 || hidden) throw badList("not a name");
  return value;
}

function url(value) {
  const right = typeof value === "string" && URL_FORM.test(value) && URL.canParse(value);
  const parts = right ? new URL(value) : null;
  if (!parts?.hostname || parts.username || parts.password || value.includes("#")) {
    throw new BadToken("bad_uri", "not an http address");
  }
  return value;
}

// One that ends with a slash, so that no other host or folder begins with it.
function prefix(value) {
  if (typeof value !== "string" || !value.endsWith("/")) {
    throw new BadToken("bad_uri", "a prefix ends with a slash");
  }
  return url(value);
}

const badList = (why) => new BadToken("bad_trust_list", why);

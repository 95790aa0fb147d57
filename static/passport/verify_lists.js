// Everything a verdict needs, fetched whole and kept: trust lists, status lists, limits. An older
// version of a list than one that was seen before never takes its place.

import { fromJwk } from "./es256.js";
import { BadToken } from "./bytes.js";
import { DAY, SECOND } from "./numeric_dates.js";
import { readTrust } from "./trust_list.js";
import * as store from "./verify_store.js";

const ADDRESS = "/verify/lists.json";
const PATIENCE = 20_000; // a network that is there and answers nothing
const NOTHING = { trust: [], statuses: [], contacts: {}, policy: null, fetchedAt: 0, etag: "", ahead: 0 };

let kept = null;
let fetching = null;
let read = { day: 0, from: null, lists: [] };

// The lists as they are kept here.
export async function lists() {
  const before = kept ?? (await store.get("keep", "lists")) ?? NOTHING;
  return (kept ??= before);
}

// Fetch what is new. Answers false without network; what was kept then stays. Who asks meanwhile
// waits for the same answer: two would each be compared with what was there before both.
export function fetchLists() {
  return (fetching ??= fetchNow().finally(() => (fetching = null)));
}

async function fetchNow() {
  const before = await lists();
  let answer;
  let sent = null;
  try {
    const headers = before.etag ? { "If-None-Match": before.etag } : {};
    answer = await fetch(ADDRESS, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) sent = await answer.json();
  } catch {
    return false;
  }
  if (answer.status !== 304 && !answer.ok) return false;
  const now = Date.now();
  const there = Date.parse(answer.headers.get("Date") ?? "");
  const fresh = { fetchedAt: now, ahead: Number.isNaN(there) ? 0 : now - there };
  kept = answer.status === 304
    ? { ...before, ...fresh }
    : { ...newer(before, sent), ...fresh, etag: answer.headers.get("ETag") ?? "" };
  await store.put("keep", kept, "lists");
  return true;
}

// Of each list the newest that was ever seen.
function newer(before, found) {
  const newest = (name, id, order) => found[name].map((one) => {
    const old = before[name].find((other) => other[id] === one[id]);
    return old && old[order] > one[order] ? old : one;
  });
  return { ...found, trust: newest("trust", "sub", "version"), statuses: newest("statuses", "uri", "iat") };
}

// What this device knows of an issuer's passports: an organisation belongs to the first list that
// names it.
export async function known(ods, now = Date.now()) {
  const found = await lists();
  const trusts = await trustLists(found, now);
  const trust = trusts.find((one) => one.issuers.some((issuer) => issuer.ods === ods));
  return {
    trust: trust ?? trusts[0] ?? null,
    policy: found.policy,
    now,
    lists: new Map(found.statuses.map((one) => [one.uri, one.token])),
    newest: new Map(found.statuses.map((one) => [one.uri, one.iat * SECOND])),
  };
}

// Kept once all are read: who asks meanwhile would take a part of them for the whole.
async function trustLists(found, now) {
  const day = Math.floor(now / DAY);
  if (read.from !== found.trust || read.day !== day) {
    read = { day, from: found.trust, lists: await readAll(found.trust, now) };
  }
  return read.lists.filter((one) => one.exp > now);
}

async function readAll(trust, now) {
  const lists_ = [];
  for (const { token, key, version } of trust) {
    try {
      lists_.push(await readTrust(token, { root: fromJwk(key), now, atLeast: version }));
    } catch (problem) {
      if (!(problem instanceof BadToken)) throw problem;
    }
  }
  return lists_;
}

// Whom to ring at an organisation, if it says so.
export const contact = (ods) => kept?.contacts?.[ods] ?? "";

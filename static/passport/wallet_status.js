// What a status list says of one credential, for its holder.

import { fromJwk } from "./es256.js";
import { addressOf } from "./openid4vci.js";
import { readList, statusAt as entryAt } from "./status_list.js";

const WORDS = { 0: "valid", 1: "withdrawn", 2: "suspended" };
const PATIENCE = 20_000;

// `{word, at, iat}`: as of now, and when the list was signed. Raises where it cannot be had.
export async function statusOf({ uri, idx }, keys, now = Date.now()) {
  const answer = await fetch(addressOf(uri), {
    headers: { Accept: "application/statuslist+jwt" }, credentials: "omit", redirect: "error",
    cache: "no-cache", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const list = await readList((await answer.text()).trim(), { uri, keys: keys.map(fromJwk), now });
  return { word: WORDS[entryAt(list, idx)] ?? "unknown", at: now, iat: list.iat };
}

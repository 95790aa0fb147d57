// What a status list says, for the holder of what it lists.

import { fromJwk } from "./es256.js";
import { addressOf } from "./openid4vci.js";
import { readList, statusAt } from "./status_list.js";

const WORDS = { 0: "valid", 1: "withdrawn", 2: "suspended" };
const PATIENCE = 20_000;

// The list at an address; `of(idx)` is `{word, at}`. Raises where it cannot be had or believed.
export async function listAt(uri, keys, now = Date.now()) {
  const answer = await fetch(addressOf(uri), {
    headers: { Accept: "application/statuslist+jwt" }, credentials: "omit", redirect: "error",
    cache: "no-cache", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const list = await readList((await answer.text()).trim(), { uri, keys: keys.map(fromJwk), now });
  return { of: (idx) => ({ word: WORDS[statusAt(list, idx)] ?? "unknown", at: now }) };
}

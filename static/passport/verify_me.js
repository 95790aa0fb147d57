// Who checks here: somebody signed in, an enrolled device, or nobody in particular. And the checks
// that are on their way to the record.

import * as store from "./verify_store.js";

const MOST_AT_ONCE = 50;
const SHIFT = 13 * 3600 * 1000; // a name entered on a ward's device stands for one shift

const AT_ONCE = 30_000;
const PATIENCE = 20_000;

const NOBODY = { as: null, csrf: "", name: "", organisation: "", ods: "", unit: "", may_read: false, expected: null };

let me = NOBODY;
let asked = 0;

export const who = () => me;

// Ask the server; without network, as it was. Names of who is expected are never kept. Of two
// answers that of the later question stands: the earlier may come after it.
export async function askWho() {
  const mine = (asked += 1);
  const found = await told().catch(() => null);
  const kept = found ?? (await store.get("keep", "me"));
  if (mine !== asked) return;
  me = { ...NOBODY, ...kept, ...(found ? {} : { expected: me.expected }) };
  if (found) await store.put("keep", { ...me, expected: null, csrf: "" }, "me");
}

async function told() {
  const answer = await fetch("/verify/me.json", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new TypeError(answer.statusText);
  return answer.json();
}

// The name and role of whoever checks: as signed in, or as entered on the device for this shift.
export async function checker() {
  if (me.as === "account") return me.name;
  const entered = await store.get("keep", "checker");
  return entered && Date.now() - entered.at < SHIFT ? entered.name : "";
}

export const enterChecker = (name) => store.put("keep", { name, at: Date.now() }, "checker");

export async function post(path, body) {
  return fetch(`/verify/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": me.csrf },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
}

// Make this browser a unit's device. Answers what is wrong, or nothing.
export async function enrol(code) {
  const answer = await post("enrol", { code }).catch(() => null);
  if (!answer) return "This needs the network. Connect the device, then try again.";
  if (answer.ok) return "";
  const said = await answer.json();
  return said.fields?.code?.[0] ?? said.detail ?? said.title;
}

// Put a check, or what was done after it, on its way to the record; the first decision stands.
export async function note(check) {
  await store.put("queue", { ...check, as: me.as, ods: me.ods, account: me.name });
  return send();
}

// Send what waits. Answers how many still do: a check stays until the server has it.
export async function send() {
  const waiting = await store.all("queue");
  const mine = waiting.filter((one) => one.as === me.as && one.ods === me.ods && one.account === me.name);
  if (mine.length && me.csrf) {
    const batch = mine.slice(0, MOST_AT_ONCE);
    const answer = await post("verdicts", { verdicts: batch.map(asSent) }).catch(() => null);
    if (answer?.ok) {
      for (const one of batch) await taken(one);
      if (mine.length > MOST_AT_ONCE) return send();
    }
  }
  return (await store.all("queue")).length; // as it is now: another may have been sent meanwhile
}

// What was decided while the check was being sent waits for the next time.
const taken = (sent) => store.removeIf("queue", sent.id, (now) => now.decision === sent.decision);

// One that is not told at once was made without network.
function asSent({ as, ods, account, ...check }) {
  return { ...check, offline: Date.now() - Date.parse(check.at) > AT_ONCE };
}

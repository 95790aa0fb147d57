// The verdict on a gate token, the browser's own: the same outcome, codes, words and facts as
// passport/rules/verifying/gate_verdict.py; tests/cases/verdicts.json holds both to it.

import { BadToken, equal } from "./bytes.js";
import * as gate from "./gate.js";
import { HOUR } from "./numeric_dates.js";
import { INVALID, VALID, readList, statusAt } from "./status_list.js";
import { whyNot, whyNotTrusted } from "./trust_list.js";

export const [GREEN, AMBER, RED] = ["green", "amber", "red"];
const WORSE = [GREEN, AMBER, RED];

const ASK_HR = "Ring the HR office of the organisation that issued it.";
const SHOW_AGAIN = "Ask them to show it again, live, on their own phone.";
const CONNECT = "Connect this device once, then check again.";
const RING_BANK = "Ring the bank office before they start.";
const LOOK_UP = "Look the number up on the register itself.";
const CHECK_PHOTO = "Compare them with a photo ID.";
const REFUSED = {
  too_old: ["It was shown too long ago: a copy, or the phone's clock is wrong.", SHOW_AGAIN],
  too_new: ["The phone's clock is ahead of this device's.", SHOW_AGAIN],
  expired: ["It has run out.", "Ask them to connect their phone and collect it again."],
  seen_before: ["This very code was shown here already.", SHOW_AGAIN],
  challenge_missing: ["It does not answer the digits on this screen.", SHOW_AGAIN],
  wrong_challenge: ["It answers other digits than those on this screen.", SHOW_AGAIN],
  wrong_audience: ["It was made for somebody else.", SHOW_AGAIN],
};
const OTHERWISE = ["It is not a passport that can be believed.", SHOW_AGAIN];
const CHECKED = [
  "issuer's signature", "trust list", "holder's signature", "time shown", "withdrawals",
  "age of each check",
];
const NOT_CHECKED = [
  "right to work", "occupational health", "local induction", "whether a shift is booked here",
];
const GOOD = ["registered", "registered_with_licence"];
const ASK = [
  "conditions", "interim_conditions", "undertakings", "warning", "caution", "provisional",
  "temporary_emergency",
];
const LONDON_DAY = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/London" });
const DAY_IN_WORDS = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC", day: "numeric", month: "long", year: "numeric",
});

class NotTrusted extends Error {}

// The verdict. `known` is what this device knows without asking anybody: `trust` (or null),
// `policy`, `now`, and status lists with the newest `iat` seen, by address. `seen` is what was
// shown here in the last two minutes. Throws nothing.
//
// Beside what stands on the screen: `seen`, `holder` and `issuer` of a token that was believed.
export async function gateVerdict(text, known, { audience, challenge = null, seen = [] } = {}) {
  try {
    const token = gate.read(text);
    if (known.trust === null) return verdict([noTrustList()]);
    const { candidate, said } = await believed(token, known, audience, challenge);
    const shown = await gate.seenAs(said);
    if (seen.some((one) => one.second === shown.second && equal(one.digest, shown.digest))) {
      throw new BadToken("seen_before");
    }
    return { ...(await ofFacts(said, candidate, known)), seen: shown, issuer: said.ods };
  } catch (problem) {
    if (problem instanceof NotTrusted) return verdict([notTrusted(problem.message)]);
    if (!(problem instanceof BadToken)) throw problem;
    return verdict([problem.code === "unknown_issuer" ? unknownIssuer() : refused(problem)]);
  }
}

function verdict(findings, more = {}) {
  const outcome = WORSE[Math.max(0, ...findings.map((one) => WORSE.indexOf(one.outcome)))];
  const nothing = { facts: [], name: null, face: null, checked: [], notChecked: [] };
  return { outcome, findings, ...nothing, ...more };
}

// Whose key signed it, and what it says.
async function believed(token, known, audience, challenge) {
  const named = known.trust
    .byShortKid(token.said.kid)
    .filter(({ issuer }) => issuer.ods === token.said.ods);
  if (named.length === 0) throw new BadToken("unknown_issuer");
  let problem = new BadToken("bad_signature");
  for (const candidate of named) {
    try {
      const about = { now: known.now, audience, challenge };
      const said = await gate.check(token, candidate.listed.key, about);
      const against = whyNot(candidate.listed, said.issuedAt);
      if (against) throw new NotTrusted(against);
      return { candidate, said };
    } catch (again) {
      if (!(again instanceof BadToken)) throw again;
      if (again.code !== "bad_signature") problem = again;
    }
  }
  throw problem;
}

async function ofFacts(said, { issuer, listed }, known) {
  const findings = [];
  const facts = [];
  for (const group of groups(said.facts, `${issuer.name} (${issuer.ods})`, known)) {
    const why = whyNotTrusted(issuer, listed.key, group.kind, said.issuedAt);
    if (why) {
      findings.push(why === "type_not_allowed" ? mayNotSay(group.kind) : notTrusted(why));
    } else {
      facts.push(...group.facts);
      findings.push(...group.against);
    }
  }
  findings.push(...(await statusFindings(said.status, issuer.ods, known)));
  if (said.facts.face === null) {
    const words = "It carries no face that the issuer signed.";
    findings.push(finding(AMBER, "check_photo_id", words, CHECK_PHOTO));
  }
  const named = facts.some((fact) => fact.kind === "identity");
  return verdict(once(findings), {
    facts,
    name: named ? said.facts.name : null,
    face: named ? said.facts.face : null,
    checked: CHECKED,
    notChecked: NOT_CHECKED,
  });
}

// Kind of credential, what it says, and what speaks against it.
function* groups(facts, by, known) {
  const fact = (kind, says, checked = null) => ({ kind, says, by, checked });
  const group = (kind, shown, against = []) => ({ kind, facts: shown, against });
  yield group("identity", [fact("identity", facts.name)]);
  const job = `${facts.role}, ${facts.employer}`;
  yield group("employment_assignment", [fact("employment_assignment", job)]);
  const { registration: entry, dbs, training } = facts;
  if (entry) {
    const kind = "professional_registration";
    const says = `${entry.body} ${entry.number}: ${spaced(entry.status)}`;
    yield group(kind, [fact(kind, says, entry.checkedOn)], registrationFindings(entry, known));
  }
  if (dbs) {
    const says = `DBS ${spaced(dbs.level)}, workforce ${dbs.workforce}`;
    yield group("dbs_outcome", [fact("dbs_outcome", says, dbs.dated)]);
  }
  if (training.length) {
    yield group("training_award", training.map((award) =>
      fact("training_award", `${award.subject}, level ${award.level}`, award.awardedOn)));
  }
}

// What speaks against a registration. Days are London's; a check counts from its morning.
function registrationFindings({ status, source, checkedOn }, { policy, now }) {
  const found = [];
  if (ASK.includes(status)) {
    const words = "The registration is not a plain one.";
    found.push(finding(AMBER, "registration_to_ask_about", words, RING_BANK));
  } else if (!GOOD.includes(status)) {
    const words = "Not registered to practise when last checked.";
    found.push(finding(RED, "not_registered", words, RING_BANK));
  }
  const sources = policy.register_check;
  const allowed = (Object.hasOwn(sources, source) ? sources[source] : sources.unlisted) * HOUR;
  const age = Date.parse(LONDON_DAY.format(now)) - Date.parse(checkedOn);
  if (age < 0) {
    const words = "The day of the register check has not come.";
    found.push(finding(RED, "registration_check_ahead", words, LOOK_UP));
  } else if (age > allowed) {
    const words = `The register was last looked at on ${DAY_IN_WORDS.format(Date.parse(checkedOn))}.`;
    found.push(finding(AMBER, "registration_check_old", words, LOOK_UP));
  }
  return found;
}

// What the status list says, and how old its word is.
async function statusFindings(status, ods, known) {
  if (status === null) {
    const words = "It names no place where a withdrawal would be told.";
    return [finding(AMBER, "no_status", words, ASK_HR)];
  }
  const text = known.lists.get(status.uri);
  if (text === undefined) {
    const words = "Whether it was withdrawn is not known here.";
    return [finding(RED, "cannot_confirm", words, CONNECT)];
  }
  try {
    const list = await readList(text, {
      uri: status.uri,
      keys: known.trust.statusKeys(ods),
      now: known.now,
      atLeast: known.newest.get(status.uri) ?? null,
    });
    const against = known.trust.whyNotStatus(ods, list.signer, list.iat);
    if (against) throw new BadToken(against);
    return [...ofStatus(statusAt(list, status.idx)), ...ofAge(list, known)];
  } catch (problem) {
    if (!(problem instanceof BadToken)) throw problem;
    const words = "The list of withdrawals on this device cannot be used.";
    return [finding(RED, `status_${problem.code}`, words, CONNECT)];
  }
}

function ofStatus(status) {
  if (status === VALID) return [];
  if (status === INVALID) return [finding(RED, "revoked", "It has been withdrawn.", ASK_HR)];
  return [finding(RED, "suspended", "Not currently available.", ASK_HR)];
}

function ofAge(list, { policy, now }) {
  const age = now - list.iat;
  if (age <= policy.status_list_green * HOUR) return [];
  const words = `Withdrawals are known here only up to ${Math.floor(age / HOUR)} hours ago.`;
  if (age <= policy.status_list_amber * HOUR) return [finding(AMBER, "status_old", words, CONNECT)];
  return [finding(RED, "cannot_confirm", words, CONNECT)];
}

function refused(problem) {
  const [words, act] = Object.hasOwn(REFUSED, problem.code) ? REFUSED[problem.code] : OTHERWISE;
  const clocks = ["too_old", "too_new"].includes(problem.code) ? problem.detail : "";
  return finding(RED, problem.code, `${words} ${clocks}`.trim(), act);
}

function noTrustList() {
  const words = "This device knows no issuers: nothing can be confirmed.";
  return finding(RED, "cannot_confirm", words, CONNECT);
}

function unknownIssuer() {
  return finding(RED, "unknown_issuer", "Who issued it is not on the trust list.", ASK_HR);
}

function notTrusted(code) {
  const words = "The key that signed it was not in force, or has been withdrawn.";
  return finding(RED, code, words, ASK_HR);
}

function mayNotSay(kind) {
  const words = `The issuer is not trusted to say anything of ${spaced(kind)}.`;
  return finding(AMBER, "type_not_allowed", words, ASK_HR);
}

const finding = (outcome, code, detail, act) => ({ outcome, code, detail, act });

const once = (findings) => [
  ...new Map(findings.map((one) => [JSON.stringify(one), one])).values(),
];

const spaced = (word) => word.replaceAll("_", " ");

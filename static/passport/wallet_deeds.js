// What the wallet does with issuers: collects, fetches fresh copies, learns what became of them.

import { BadToken, fromBase64url } from "./bytes.js";
import { fromCryptoKey, fromJwk } from "./es256.js";
import { issuedBy, said } from "./show_gate.js";
import { signer } from "./jws.js";
import * as vci from "./openid4vci.js";
import * as sdJwt from "./sd_jwt.js";
import * as store from "./wallet_store.js";
import { statusOf } from "./wallet_status.js";

export const GATE_FORMAT = "dsp-gate+cwt";
const SD_JWT_FORMAT = "dc+sd-jwt";
const COPIES = 3; // so that two checkers cannot tell that they saw the same one
const HOUR = 3_600_000;
const DAILY = 20 * HOUR;
const STATUS_EVERY = HOUR / 4;

// Collects what was chosen of an offer. `told(done, of)` hears of the progress. What could not be
// had does not stop the rest: `{added, failed}`.
export async function collectAll(issuer, offer, names, txCode, told = () => {}) {
  const token = await vci.tokenFor(issuer, offer, txCode);
  const keys = await issuerKeys(issuer.issuer);
  await store.put("issuers", { ...issuer, keys, refresh: token.refresh, refreshedAt: Date.now(), ended: false });
  const added = [];
  const failed = [];
  const wanted = wantedOf(issuer, names, token);
  for (const [place, one] of wanted.entries()) {
    told(place, wanted.length);
    try {
      added.push(await take(issuer, keys, token, one, COPIES));
    } catch (problem) {
      failed.push({ name: one.name, words: inWords(problem) });
    }
  }
  told(wanted.length, wanted.length);
  await store.note("collected", { to: issuer.name, about: added.map((one) => one.name) });
  await checkStatuses({ force: true });
  return { added, failed };
}

// One entry for each credential; the statement for gates last, as it is made of the others.
function wantedOf(issuer, names, token) {
  const wanted = names.flatMap((configuration) => {
    const named = issuer.configurations[configuration] ?? {};
    const name = vci.configurationName(named) ?? configuration;
    const identifiers = token.identifiers[configuration];
    const one = { configuration, name, format: named.format, vct: named.vct };
    if (!identifiers) return [{ ...one, identifier: null, body: { credential_configuration_id: configuration } }];
    return identifiers.map((identifier) => ({ ...one, identifier, body: { credential_identifier: identifier } }));
  });
  const isGate = (one) => one.format === GATE_FORMAT;
  return [...wanted.filter((one) => !isGate(one)), ...wanted.filter(isGate)];
}

async function take(issuer, keys, token, one, copies) {
  if (one.format === GATE_FORMAT) return takeGate(issuer, keys, token, one);
  if (one.format !== SD_JWT_FORMAT) {
    throw new vci.Trouble(`${one.name} is of a kind that this wallet does not hold.`, "format");
  }
  const pairs = await Promise.all(Array.from({ length: Math.min(copies, issuer.most) }, store.newKey));
  const answer = await vci.collect(issuer, token.access, one.body, pairs);
  if (answer.later) throw new vci.Trouble(`${issuer.name} needs more time for ${one.name}. Collect it again later.`, "later");
  try {
    const credential = await checked(issuer, keys, one, answer.texts, pairs);
    await store.put("credentials", credential);
    await vci.notify(issuer, token.access, answer.notification, "credential_accepted");
    return credential;
  } catch (problem) {
    await vci.notify(issuer, token.access, answer.notification, "credential_failure");
    throw problem;
  }
}

// What came, as it will be kept: every copy signed by the issuer and bound to a key of this phone.
async function checked(issuer, keys, one, texts, pairs) {
  const publics = await Promise.all(pairs.map((pair) => fromCryptoKey(pair.publicKey)));
  const copies = [];
  for (const text of texts) {
    const said = await sdJwt.read(text);
    await signer(said.token, keys.map(fromJwk));
    const place = said.holder ? publics.findIndex((key) => sdJwt.sameKey(key, said.holder)) : -1;
    if (place < 0) throw new BadToken("wrong_holder");
    if (one.vct && one.vct !== said.vct) throw new BadToken("wrong_type");
    copies.push({ text, pair: pairs[place], shown: 0 });
  }
  const { vct, integrity } = await sdJwt.read(texts[0]);
  await learnType(vct, integrity);
  const before = (await store.all("credentials")).find((kept) => same(kept, issuer, one));
  return {
    id: before?.id ?? crypto.randomUUID(), issuer: issuer.issuer, issuerName: issuer.name,
    configuration: one.configuration, identifier: one.identifier, name: one.name, vct, copies,
    collectedAt: before?.collectedAt ?? Date.now(), refreshedAt: Date.now(), status: before?.status ?? null,
  };
}

const same = (kept, issuer, one) =>
  kept.issuer === issuer.issuer && kept.configuration === one.configuration && kept.identifier === one.identifier;

async function takeGate(issuer, keys, token, one) {
  const pair = await store.phoneKey();
  const { texts } = await vci.collect(issuer, token.access, one.body, [pair]);
  const cwt = fromBase64url(texts[0] ?? "");
  const gate = await said(cwt, pair);
  await issuedBy(cwt, pair, keys.map(fromJwk));
  await store.put("gates", {
    issuer: issuer.issuer, issuerName: issuer.name, configuration: one.configuration, cwt,
    expiresAt: gate.expiresAt, refreshedAt: Date.now(), status: null,
  });
  return { name: one.name, isGate: true };
}

// The keys an issuer signs with, as it publishes them.
async function issuerKeys(issuer) {
  const { said: published } = await vci.ask(vci.wellKnown("jwt-vc-issuer", issuer));
  if (published.issuer !== issuer) throw new vci.Trouble("The issuer's keys are another issuer's.", "wrong_issuer");
  const set = published.jwks ?? (await vci.ask(published.jwks_uri)).said;
  return (set.keys ?? []).filter((key) => {
    try {
      return Boolean(fromJwk(key));
    } catch {
      return false;
    }
  });
}

// What the claims are called; without it their own names are shown.
async function learnType(vct, integrity) {
  if (!/^https?:/.test(vct)) return;
  const metadata = await vci.ask(vct, integrity ? { integrity } : {}).catch(() => null);
  if (metadata?.said.vct === vct) await store.put("types", { vct, metadata: metadata.said });
}

// Fresh copies from every issuer, at most once a day unless `force`. Answers what could not be done.
export async function refreshAll({ force = false } = {}) {
  const done = await navigator.locks.request("wallet refresh", { ifAvailable: true }, async (lock) => {
    if (!lock) return [];
    const troubles = [];
    for (const issuer of await store.all("issuers")) {
      const due = force || Date.now() - issuer.refreshedAt >= DAILY;
      if (!issuer.refresh || issuer.ended || !due) continue;
      try {
        await refresh(issuer);
      } catch (problem) {
        if (problem.code === "invalid_grant") await store.alter("issuers", issuer.issuer, (kept) => ({ ...kept, ended: true }));
        troubles.push(problem.code === "invalid_grant" ? ENDED(issuer.name) : inWords(problem));
      }
    }
    return troubles;
  });
  await checkStatuses({ force });
  return done;
}

const ENDED = (name) => `${name} gives this phone no fresh copies any more: it was frozen, or its access ended. Ask for a new offer.`;

async function refresh(issuer) {
  const token = await vci.tokenAgain(issuer, issuer.refresh);
  // At once: a token that was used for another does not work again.
  await store.alter("issuers", issuer.issuer, (kept) => ({ ...kept, refresh: token.refresh ?? kept.refresh }));
  const keys = await issuerKeys(issuer.issuer).catch(() => issuer.keys);
  const gate = await store.get("gates", issuer.issuer);
  const isGate = ([, one]) => one.format === GATE_FORMAT;
  const named = gate?.configuration ?? Object.entries(issuer.configurations).find(isGate)?.[0];
  const held = (await store.all("credentials")).filter((one) => one.issuer === issuer.issuer);
  for (const one of held) if (await isStale(one)) await again(issuer, keys, token, one).catch(() => {});
  if (named && held.length) {
    for (const one of wantedOf(issuer, [named], token)) await take(issuer, keys, token, one, 1);
  }
  await store.alter("issuers", issuer.issuer, (kept) => ({ ...kept, keys, refreshedAt: Date.now() }));
}

// Every copy was shown, or it tells of something that is looked up again and again.
async function isStale(credential) {
  const { claims } = await sdJwt.read(credential.copies[0].text);
  return "checked_at" in claims || credential.copies.every((copy) => copy.shown);
}

async function again(issuer, keys, token, { configuration, identifier }) {
  const known = token.identifiers[configuration];
  if (identifier && known && !known.includes(identifier)) return;
  const [one] = wantedOf(issuer, [configuration], { identifiers: identifier ? { [configuration]: [identifier] } : {} });
  await take(issuer, keys, token, one, 1);
}

// What the status lists say of everything held. That a list cannot be had changes nothing: the
// holder is shown when it was last seen.
export async function checkStatuses({ force = false } = {}) {
  const issuers = new Map((await store.all("issuers")).map((one) => [one.issuer, one]));
  for (const kind of ["credentials", "gates"]) {
    for (const one of await store.all(kind)) {
      if (!force && Date.now() - (one.status?.at ?? 0) < STATUS_EVERY) continue;
      const where = kind === "gates" ? await gateStatus(one) : (await sdJwt.read(one.copies[0].text)).status;
      const status = where && (await statusOf(where, issuers.get(one.issuer)?.keys ?? []).catch(() => null));
      if (status) await store.alter(kind, kind === "gates" ? one.issuer : one.id, (kept) => ({ ...kept, status }));
    }
  }
}

const gateStatus = async (gate) => (await said(gate.cwt, await store.phoneKey())).status;

const BAD = {
  bad_signature: "It is not signed by the issuer. It was not kept.",
  wrong_holder: "It is not bound to this phone. It was not kept.",
  wrong_type: "It is of another kind than was announced. It was not kept.",
};

// What went wrong, for people.
export function inWords(problem) {
  if (problem instanceof vci.Trouble) return problem.message;
  if (problem instanceof BadToken) return BAD[problem.code] ?? "It is not written as it should be. It was not kept.";
  console.warn("wallet:", problem?.name);
  return "Something did not work. Try again; if it happens again, ask for a new offer.";
}

// What the wallet does with issuers: collects, fetches fresh copies, learns what became of them.

import { BadToken, fromBase64url } from "./bytes.js";
import { fromCryptoKey, fromJwk } from "./es256.js";
import { issuedBy, said } from "./show_gate.js";
import { signer } from "./jws.js";
import * as vci from "./openid4vci.js";
import * as sdJwt from "./sd_jwt.js";
import * as store from "./wallet_store.js";
import { listAt } from "./wallet_status.js";

export const GATE_FORMAT = "dsp-gate+cwt";
const SD_JWT_FORMAT = "dc+sd-jwt";
const COPIES = 3; // so that two checkers cannot tell that they saw the same one
const HOUR = 3_600_000;
const DAILY = 20 * HOUR;
const STATUS_EVERY = HOUR / 4;

// Collects what was chosen of an offer, and with it the statement for gates where the issuer has
// one. `told(done, of)` hears of the progress. What could not be had does not stop the rest:
// `{added, failed}`.
export async function collectAll(issuer, offer, names, txCode, told = () => {}) {
  const token = await vci.tokenFor(issuer, offer, names, txCode);
  const keys = await issuerKeys(issuer.issuer);
  await store.put("issuers", { ...issuer, keys, refresh: token.refresh, refreshedAt: Date.now(), ended: false });
  const added = [];
  const failed = [];
  const wanted = wantedOf(issuer, [...names, ...gatesOf(issuer)], token);
  for (const [place, one] of wanted.entries()) {
    told(place, wanted.length);
    try {
      added.push(await take(issuer, keys, token, one, COPIES));
    } catch (problem) {
      if (one.format !== GATE_FORMAT || offer.names.includes(one.configuration)) {
        failed.push({ name: one.name, words: inWords(problem) });
      }
    }
  }
  await keepClock();
  await store.note("collected", { to: issuer.name, about: added.map((one) => one.name) });
  return { added, failed };
}

const keepClock = async () => vci.clock.ahead !== null && store.put("keep", vci.clock.ahead, "clock ahead");

export const gatesOf = (issuer) =>
  Object.keys(issuer.configurations).filter((name) => issuer.configurations[name].format === GATE_FORMAT);

// One entry for each credential; the statement for gates last, as it is made of the others.
function wantedOf(issuer, names, token) {
  const wanted = [...new Set(names)].flatMap((configuration) => {
    const { format, vct } = issuer.configurations[configuration] ?? {};
    const one = { configuration, name: kindName(issuer, configuration), format, vct };
    const identifiers = token.identifiers[configuration];
    if (!identifiers) return [{ ...one, identifier: null, body: { credential_configuration_id: configuration } }];
    return identifiers.map((identifier) => ({ ...one, identifier, body: { credential_identifier: identifier } }));
  });
  const isGate = (one) => one.format === GATE_FORMAT;
  return [...wanted.filter((one) => !isGate(one)), ...wanted.filter(isGate)];
}

// An issuer may have several configurations of one kind, numbered: the first names it.
const firstOfKind = (issuer, configuration) => {
  const { vct } = issuer.configurations[configuration] ?? {};
  const same = Object.keys(issuer.configurations).filter((name) => vct && issuer.configurations[name].vct === vct);
  return same[0] ?? configuration;
};

export function kindName(issuer, configuration) {
  const first = firstOfKind(issuer, configuration);
  return vci.configurationName(issuer.configurations[first]) ?? first;
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
    collectedAt: before?.collectedAt ?? Date.now(), refreshedAt: Date.now(), status: fresh(),
  };
}

// What was signed this moment is good this moment.
const fresh = () => ({ word: "valid", at: Date.now() });

// By the issuer's own name for it; where it has none, by its kind.
const same = (kept, issuer, one) =>
  kept.issuer === issuer.issuer && kept.identifier === one.identifier && (one.identifier !== null || kept.configuration === one.configuration);

async function takeGate(issuer, keys, token, one) {
  const pair = await store.phoneKey();
  const { texts } = await vci.collect(issuer, token.access, one.body, [pair]);
  const cwt = fromBase64url(texts[0] ?? "");
  const gate = await said(cwt, pair);
  await issuedBy(cwt, pair, keys.map(fromJwk));
  await store.put("gates", {
    issuer: issuer.issuer, issuerName: issuer.name, configuration: one.configuration, cwt,
    expiresAt: gate.expiresAt, refreshedAt: Date.now(), status: fresh(),
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

// Fresh copies from every issuer, at most once a day unless `force`, and what became of all that is
// held: `{changed, troubles}`.
export async function refreshAll({ force = false } = {}) {
  const done = await navigator.locks.request("wallet refresh", { ifAvailable: !force }, async (lock) => {
    const troubles = [];
    let changed = false;
    for (const issuer of lock ? await store.all("issuers") : []) {
      const due = force || Date.now() - issuer.refreshedAt >= DAILY;
      if (!issuer.refresh || issuer.ended || !due) continue;
      changed = true;
      try {
        await refresh(issuer);
      } catch (problem) {
        const ended = problem.code === "invalid_grant";
        if (ended) await alterIfSame(issuer, { ended: true });
        else troubles.push(inWords(problem));
      }
    }
    await keepClock();
    return { changed, troubles };
  });
  const learnt = await checkStatuses({ force });
  return { changed: done.changed || learnt, troubles: done.troubles };
}

// Unless a new offer was collected meanwhile: then there is another token, and this was said of the
// one before.
const alterIfSame = (issuer, change) => store.alter("issuers", issuer.issuer, (kept) =>
  (kept.refresh === issuer.refresh ? { ...kept, ...change } : kept));

export const ENDED = (name) => `${name} gives this phone no fresh copies any more: it was frozen, or its access ended. Ask for a new offer.`;

async function refresh(issuer) {
  const held = (await store.all("credentials")).filter((one) => one.issuer === issuer.issuer);
  const stale = [];
  for (const one of held) if (await isStale(one)) stale.push(one);
  const gates = held.length ? gatesOf(issuer) : [];
  const names = [...new Set([...stale.map((one) => firstOfKind(issuer, one.configuration)), ...gates])];
  const token = await vci.tokenAgain(issuer, issuer.refresh, names).catch((problem) => {
    if (problem.code !== "invalid_authorization_details") throw problem;
    return vci.tokenAgain(issuer, issuer.refresh, []);
  });
  // At once: a token that was used for another does not work again.
  await alterIfSame(issuer, { refresh: token.refresh ?? issuer.refresh });
  const keys = await issuerKeys(issuer.issuer).catch(() => issuer.keys);
  for (const one of wantedOf(issuer, names, token)) {
    if (one.format === GATE_FORMAT || stale.some((kept) => same(kept, issuer, one))) {
      await take(issuer, keys, token, one, 1);
    }
  }
  await store.alter("issuers", issuer.issuer, (kept) => ({ ...kept, keys, refreshedAt: Date.now() }));
}

// Every copy was shown, or it tells of something that is looked up again and again.
async function isStale(credential) {
  const { claims } = await sdJwt.read(credential.copies[0].text);
  return "checked_at" in claims || credential.copies.every((copy) => copy.shown);
}

// What the status lists say of everything held; whether anything was learnt. That a list cannot be had changes nothing: the
// holder is shown when it was last seen.
export async function checkStatuses({ force = false } = {}) {
  const issuers = new Map((await store.all("issuers")).map((one) => [one.issuer, one]));
  const lists = new Map();
  let learnt = false;
  for (const kind of ["credentials", "gates"]) {
    for (const one of await store.all(kind)) {
      if (!force && Date.now() - one.status.at < STATUS_EVERY) continue;
      const where = kind === "gates" ? await gateStatus(one) : (await sdJwt.read(one.copies[0].text)).status;
      if (!where) continue;
      const { uri, idx } = where;
      if (!lists.has(uri)) lists.set(uri, await listAt(uri, issuers.get(one.issuer)?.keys ?? []).catch(() => null));
      const status = lists.get(uri)?.of(idx);
      if (!status) continue;
      learnt = true;
      await store.alter(kind, kind === "gates" ? one.issuer : one.id, (kept) =>
        (isAsRead(kept, one) ? { ...kept, status } : kept));
    }
  }
  return learnt;
}

// Fresh copies have another place on the list: what the list says of the old ones is not theirs.
const isAsRead = (kept, one) => kept.refreshedAt === one.refreshedAt;

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

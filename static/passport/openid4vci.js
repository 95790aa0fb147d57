// Collecting by OpenID4VCI 1.0, as any wallet does: pre-authorized code, nonce, proofs, batch,
// notification. Nothing here knows who the issuer is or keeps anything.

import { toJwk, fromCryptoKey } from "./es256.js";
import { write } from "./jws_sign.js";

const GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const SCHEMES = /^(?:openid-credential-offer|haip-vci|haip):\/\//;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const PATIENCE = 20_000;

// What went wrong in plain words (`message`); `code` is the standard's where there is one.
export class Trouble extends Error {
  constructor(words, code = "") {
    super(words);
    this.code = code;
  }
}

// The offer that a link, a scanned code or pasted text holds. Raises `Trouble`.
export async function offerOf(text) {
  const offer = await offered(text.trim());
  const grant = offer?.grants?.[GRANT];
  const names = offer?.credential_configuration_ids;
  const whole = typeof offer?.credential_issuer === "string" && Array.isArray(names) && names.length;
  if (!whole) throw new Trouble(NO_OFFER, "bad_offer");
  if (typeof grant?.["pre-authorized_code"] !== "string") {
    throw new Trouble("This offer asks you to sign in with its issuer first, which this wallet does not do. Ask for an offer with a code.", "bad_offer");
  }
  addressOf(offer.credential_issuer);
  return {
    issuer: offer.credential_issuer,
    names: names.map(String),
    code: grant["pre-authorized_code"],
    txCode: grant.tx_code ?? null,
    server: grant.authorization_server ?? null,
  };
}

const NO_OFFER = "This is not an offer of a passport, or a part of it is missing. Copy the whole link, or ask for a new one.";

async function offered(text) {
  const url = queryOf(text);
  const inside = url?.get("credential_offer");
  const elsewhere = url?.get("credential_offer_uri");
  if (elsewhere) return (await ask(elsewhere)).said;
  try {
    return JSON.parse(inside ?? text);
  } catch {
    throw new Trouble(NO_OFFER, "bad_offer");
  }
}

// The parameters of an offer's link. Our own link holds the whole offer in its fragment, which no
// server is sent.
function queryOf(text) {
  try {
    const url = new URL(text.replace(SCHEMES, "https://offer.invalid/"));
    const within = new URLSearchParams(url.hash.slice(1)).get("offer");
    return within ? queryOf(within) : url.searchParams;
  } catch {
    return null;
  }
}

// Everything that is to be known of an issuer before it is asked. Raises `Trouble`.
export async function metadataOf(issuer, server = null) {
  const own = (await ask(wellKnown("openid-credential-issuer", issuer))).said;
  if (own.credential_issuer !== issuer) {
    throw new Trouble("The issuer's own page names another issuer. Do not go on; tell whoever sent you the offer.", "wrong_issuer");
  }
  const servers = own.authorization_servers ?? [issuer];
  const chosen = server && servers.includes(server) ? server : servers[0];
  const tokens = (await ask(wellKnown("oauth-authorization-server", chosen))).said;
  if (tokens.issuer !== chosen) throw new Trouble("The issuer's sign-in service names another one.", "wrong_issuer");
  if (own.credential_response_encryption?.encryption_required) {
    throw new Trouble("This issuer sends only encrypted credentials, which this wallet cannot read yet.", "encryption");
  }
  return {
    issuer,
    name: displayName(own) ?? new URL(issuer).host,
    tokenEndpoint: addressOf(tokens.token_endpoint).href,
    credentialEndpoint: addressOf(own.credential_endpoint).href,
    nonceEndpoint: own.nonce_endpoint ? addressOf(own.nonce_endpoint).href : null,
    notificationEndpoint: own.notification_endpoint ? addressOf(own.notification_endpoint).href : null,
    deferredEndpoint: own.deferred_credential_endpoint ? addressOf(own.deferred_credential_endpoint).href : null,
    most: Math.max(1, own.batch_credential_issuance?.batch_size ?? 1),
    takesDetails: Boolean(tokens.authorization_details_types_supported?.includes("openid_credential")),
    configurations: own.credential_configurations_supported ?? {},
  };
}

// In English where the issuer has it.
export function displayName(holder) {
  const names = (Array.isArray(holder?.display) ? holder.display : []).filter((one) => one?.name);
  const english = names.find((one) => /^en\b/i.test(one.locale ?? ""));
  return (english ?? names[0])?.name ?? null;
}

export const configurationName = (configuration) =>
  displayName(configuration?.credential_metadata) ?? displayName(configuration);

// The token for an offer: `{access, refresh, identifiers}`. Where the issuer can, it names each
// credential of the configurations `names`; the identifiers are by configuration.
export function tokenFor(issuer, offer, names, txCode) {
  const form = { grant_type: GRANT, "pre-authorized_code": offer.code };
  if (offer.txCode) form.tx_code = txCode;
  return tokenBy(issuer, form, names);
}

export const tokenAgain = (issuer, refresh, names) =>
  tokenBy(issuer, { grant_type: "refresh_token", refresh_token: refresh }, names);

async function tokenBy(issuer, form, names) {
  const details = names.map((name) => ({ type: "openid_credential", credential_configuration_id: name }));
  if (issuer.takesDetails && names.length) form.authorization_details = JSON.stringify(details);
  const { said } = await ask(issuer.tokenEndpoint, { method: "POST", body: new URLSearchParams(form) });
  if (typeof said.access_token !== "string" || !/^bearer$/i.test(said.token_type ?? "")) {
    throw new Trouble("The issuer gave no access that this wallet can use.", "no_token");
  }
  const identifiers = {};
  for (const one of said.authorization_details ?? []) {
    if (one?.type === "openid_credential" && Array.isArray(one.credential_identifiers)) {
      (identifiers[one.credential_configuration_id] ??= []).push(...one.credential_identifiers);
    }
  }
  return { access: said.access_token, refresh: said.refresh_token ?? null, identifiers };
}

// One credential, a copy for each of the key pairs: `{texts, notification}`; `later` is set instead
// where the issuer needs more time.
export async function collect(issuer, token, wanted, pairs, again = true) {
  const body = { ...wanted, proofs: { jwt: await proofs(issuer, pairs) } };
  try {
    const { status, said } = await ask(issuer.credentialEndpoint, asJson(body, token));
    if (status === 202 || said.transaction_id) return { later: said.transaction_id, texts: [] };
    const texts = (said.credentials ?? []).map((one) => one?.credential);
    if (!texts.length || texts.some((one) => typeof one !== "string")) {
      throw new Trouble("The issuer answered without a credential.", "no_credential");
    }
    return { texts, notification: said.notification_id ?? null };
  } catch (problem) {
    if (problem.code === "invalid_nonce" && again) return collect(issuer, token, wanted, pairs, false);
    throw problem;
  }
}

async function proofs(issuer, pairs) {
  const nonce = issuer.nonceEndpoint
    ? (await ask(issuer.nonceEndpoint, { method: "POST" })).said.c_nonce
    : undefined;
  const payload = { aud: issuer.issuer, iat: Math.floor(Date.now() / 1000), ...(nonce && { nonce }) };
  return Promise.all(pairs.map(async (pair) => {
    const jwk = toJwk(await fromCryptoKey(pair.publicKey));
    return write({ alg: "ES256", typ: "openid4vci-proof+jwt", jwk }, payload, pair.privateKey);
  }));
}

// Tells the issuer what became of a credential; that it cannot be told changes nothing.
export async function notify(issuer, token, notification, event) {
  if (!issuer.notificationEndpoint || !notification) return;
  await ask(issuer.notificationEndpoint, asJson({ notification_id: notification, event }, token)).catch(() => {});
}

const asJson = (body, token) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
});

// Inserted between host and path (RFC 8414 section 3.1).
export function wellKnown(name, identifier) {
  const url = addressOf(identifier);
  return `${url.origin}/.well-known/${name}${url.pathname.replace(/\/$/, "")}`;
}

// https, or this very machine. Raises `Trouble`.
export function addressOf(text) {
  const url = parsed(text);
  const safe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!safe || url.username || url.password) throw new Trouble("The offer leads to an address that is not safe. Do not go on; tell whoever sent it.", "bad_address");
  return url;
}

function parsed(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

// How far this phone's clock was ahead of a server's when one last told the time, in milliseconds.
export const clock = { ahead: null };

function compareClocks({ headers }) {
  const theirs = Date.parse(headers.get("Date") ?? "");
  if (!Number.isNaN(theirs)) clock.ahead = Date.now() - theirs;
}

// What an address answers, as an object. Raises `Trouble` with the standard's code.
export async function ask(address, options = {}) {
  const url = addressOf(address);
  let answer;
  try {
    answer = await fetch(url, {
      credentials: "omit", redirect: "error", cache: "no-store", referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE), ...options,
      headers: { Accept: "application/json", ...options.headers },
    });
  } catch {
    throw new Trouble(`${url.host} cannot be reached. Check that the phone is online and try again.`, "unreachable");
  }
  compareClocks(answer);
  const said = answer.status === 204 ? {} : await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(url.host, answer.status, said);
  if (typeof said !== "object" || said === null) throw new Trouble(`${url.host} gave an answer that is not understood.`, "not_json");
  return { status: answer.status, said };
}

const REFUSALS = {
  invalid_grant: "That was not accepted. Either the code you typed is wrong, or the offer was used already or is over. Check the code; if it still fails, ask for a new offer.",
  invalid_request: "The issuer did not accept the request. If you were given a code, check that you typed all of it.",
  invalid_token: "The time to collect is over. Ask for a new offer.",
  credential_request_denied: "The issuer does not give this out any more. It may have been withdrawn.",
  unknown_credential_identifier: "The issuer does not know this credential any more.",
  unknown_credential_configuration: "The issuer does not issue this kind of credential any more.",
  invalid_proof: "The issuer did not accept this phone's proof. Check the phone's date and time.",
};

function refusal(host, status, said) {
  const code = typeof said?.error === "string" ? said.error : `status_${status}`;
  if (status === 429 || code === "slow_down") return new Trouble("Too many tries. Wait a few minutes, then try again.", code);
  const words = REFUSALS[code] ?? (status >= 500 ? `${host} has trouble of its own. Try again later.` : `${host} refused (${code}).`);
  return new Trouble(words, code);
}

// Answering a request to present by OpenID4VP 1.0: signed requests of `x509_hash` askers, answered
// by `direct_post` or, encrypted, `direct_post.jwt`.

import { BadToken, base64url, sha256 } from "./bytes.js";
import { leaf } from "./certificates.js";
import { jsonObject } from "./json_strict.js";
import * as jwe from "./jwe_write.js";
import * as jws from "./jws.js";
import { issuedAndEnds } from "./numeric_dates.js";
import { Trouble, addressOf } from "./openid4vci.js";

const SCHEMES = /^(?:openid4vp|haip-vp|haip):\/\//;
const TYP = "oauth-authz-req+jwt";
const AUDIENCE = "https://self-issued.me/v2";
const HASHED = "x509_hash:";
const MODES = ["direct_post", "direct_post.jwt"];
const MOST = 128 * 1024;
const PATIENCE = 20_000;

// Whether a text is a request rather than an offer.
export const isRequest = (text) => Boolean(linkOf(text.trim()));

function linkOf(text) {
  try {
    const url = new URL(text.replace(SCHEMES, "https://request.invalid/"));
    const within = new URLSearchParams(url.hash.slice(1)).get("request");
    if (within) return linkOf(within);
    return url.searchParams.get("client_id") && url.searchParams.get("request_uri") ? url.searchParams : null;
  } catch {
    return null;
  }
}

// The request that a link leads to, checked: who signed it, for whom, and until when. Raises
// `Trouble`.
export async function requestOf(text, now = Date.now()) {
  const link = linkOf(text.trim());
  if (!link) throw new Trouble("This is no request to show something. Copy the whole link, or scan the code again.", "bad_request");
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const signed = await fetched(link, nonce);
  try {
    return await checked(signed, link, nonce, now);
  } catch (problem) {
    if (!(problem instanceof BadToken)) throw problem;
    const over = problem.code === "expired";
    throw new Trouble(over ? "This request is over. Ask for a new one." : "This request is not signed as it should be. Nothing was shown. Tell whoever sent it.", problem.code);
  }
}

async function fetched(link, nonce) {
  const url = addressOf(link.get("request_uri"));
  const post = link.get("request_uri_method") === "post";
  const options = post ? { method: "POST", body: new URLSearchParams({ wallet_nonce: nonce }) } : {};
  const answer = await reach(url, { headers: { Accept: "application/oauth-authz-req+jwt" }, ...options });
  if (!answer.ok) throw new Trouble("This request was answered already, or is over. Ask for a new one.", "over");
  return (await answer.text()).trim();
}

async function checked(signed, link, nonce, now) {
  const token = jws.read(signed, { typ: TYP, most: MOST });
  const [first] = Array.isArray(token.header.x5c) ? token.header.x5c : [];
  if (typeof first !== "string") throw new BadToken("header_not_understood", "no certificate");
  const der = Uint8Array.from(atob(first), (character) => character.charCodeAt(0));
  const { key, name } = leaf(der);
  await jws.signer(token, [key]);
  const said = jsonObject(token.payload);
  const asker = link.get("client_id");
  if (said.client_id !== asker || !asker.startsWith(HASHED)) throw new BadToken("wrong_asker");
  if (asker.slice(HASHED.length) !== base64url(await sha256(der))) throw new BadToken("wrong_asker");
  if (said.aud !== AUDIENCE) throw new BadToken("wrong_audience");
  if (link.get("request_uri_method") === "post" && said.wallet_nonce !== nonce) throw new BadToken("wrong_nonce");
  if ("iat" in said) issuedAndEnds(said, now);
  const known = said.response_type === "vp_token" && MODES.includes(said.response_mode) && typeof said.nonce === "string" && said.nonce && said.dcql_query;
  if (!known || "transaction_data" in said) throw new BadToken("not_understood");
  return { said, asker, name: said.client_metadata?.client_name ?? name, certified: name, to: addressOf(said.response_uri), ...purposeOf(said) };
}

// What the asker says it is for; other askers say it in other ways, or not at all.
function purposeOf({ verifier_info: told }) {
  const found = (Array.isArray(told) ? told : []).map((one) => one?.data).find((one) => typeof one?.why === "string");
  const clauses = typeof found?.clauses === "object" && found.clauses ? found.clauses : {};
  return {
    title: found?.title ?? "", why: found?.why ?? "", basis: found?.basis ?? "", keptHours: found?.kept_hours ?? null,
    agreement: typeof found?.agreement === "string" ? found.agreement : "", clauses,
  };
}

// What a request asks for that no clause of the agreement it names permits.
export const outsideAgreement = ({ said, agreement, clauses }) =>
  (agreement ? said.dcql_query.credentials ?? [] : []).map((one) => one.id).filter((id) => typeof clauses[id] !== "string");

// Answers with presentations by credential id. Where the browser is to go on afterwards, or null.
export async function answer({ said, to }, presentations) {
  const told = { vp_token: presentations, ...(said.state !== undefined && { state: said.state }) };
  if (said.response_mode === "direct_post") {
    return send(to, { vp_token: JSON.stringify(presentations), ...(said.state !== undefined && { state: said.state }) });
  }
  const keys = said.client_metadata?.jwks?.keys ?? [];
  const key = keys.find((one) => one?.kty === "EC" && one.crv === "P-256" && (one.alg ?? "ECDH-ES") === "ECDH-ES");
  const offered = said.client_metadata?.encrypted_response_enc_values_supported ?? ["A128GCM"];
  const enc = offered.find(jwe.known);
  if (!key || !enc) throw new Trouble("The asker wants its answer encrypted in a way that this wallet does not know. Nothing was shown.", "encryption");
  return send(to, { response: await jwe.encrypt(told, key, enc) });
}

// Tells the asker that nothing is shown.
export const decline = ({ said, to }) =>
  send(to, { error: "access_denied", ...(said.state !== undefined && { state: said.state }) }).catch(() => null);

async function send(to, form) {
  const answered = await reach(to, { method: "POST", body: new URLSearchParams(form), headers: { Accept: "application/json" } });
  const said = await answered.json().catch(() => ({}));
  if (!answered.ok) throw new Trouble("The asker did not take the answer: it may be over, or not what was asked for. Ask for a new request.", said?.error ?? `status_${answered.status}`);
  return typeof said?.redirect_uri === "string" ? addressOf(said.redirect_uri).href : null;
}

async function reach(url, options) {
  try {
    return await fetch(url, { credentials: "omit", redirect: "error", cache: "no-store", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch {
    throw new Trouble(`${url.host} cannot be reached. Check that the phone is online and try again.`, "unreachable");
  }
}

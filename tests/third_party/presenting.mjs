// Answers one request to present with the Open Wallet Foundation's OpenID4VP, DCQL and SD-JWT
// libraries, knowing nothing of BankHub. Prints what it saw as JSON.
//
//     node presenting.mjs '{"uri", "root", "base", "served", "credentials": [{"text", "jwk"}]}'
//
// What lies at `base` is served at `served`.

import { X509Certificate, createHash } from "node:crypto";
import { setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { DcqlQuery } from "dcql";
import { CompactEncrypt, CompactSign, compactVerify, exportJWK, importJWK } from "jose";

setGlobalConfig({ allowInsecureUrls: true }); // plain http, on this machine itself
const given = JSON.parse(process.argv[2]);
const root = new X509Certificate(given.root);

const digest = (data, name) => createHash(name.replace("-", "")).update(data).digest();

async function verifyJwt(signer, { compact }) {
  const leaf = new X509Certificate(Buffer.from(signer.x5c[0], "base64"));
  if (signer.x5c.length !== 1 || !leaf.verify(root.publicKey)) return { verified: false };
  await compactVerify(compact, leaf.publicKey, { algorithms: ["ES256"] });
  return { verified: true, signerJwk: await exportJWK(leaf.publicKey) };
}

async function encryptJwe(encryptor, data) {
  const key = await importJWK(encryptor.publicJwk, encryptor.alg);
  const header = { alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid };
  const sealed = new CompactEncrypt(new TextEncoder().encode(data)).setProtectedHeader(header);
  return { encryptionJwk: encryptor.publicJwk, jwe: await sealed.encrypt(key) };
}

const client = new Openid4vpClient({
  callbacks: {
    fetch: (url, options) => fetch(String(url).replace(given.base, given.served), options),
    verifyJwt,
    encryptJwe,
    hash: (data, name) => digest(data, name),
    getX509CertificateMetadata: () => ({ sanDnsNames: [], sanUriNames: [] }),
    decryptJwe: () => ({ decrypted: false }),
    signJwt: () => { throw new Error("nothing is signed but the key binding"); },
  },
});

const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: given.uri });
const resolved = await client.resolveOpenId4vpAuthorizationRequest({
  authorizationRequestPayload: parsed.params,
});
const request = resolved.authorizationRequestPayload;

const reader = new SDJwtVcInstance({ hasher: digest, hashAlg: "sha-256" });
const held = [];
for (const one of given.credentials) {
  const claims = await reader.getClaims(one.text);
  const shown = { credential_format: "dc+sd-jwt", vct: claims.vct, claims };
  held.push({ ...one, shown: { ...shown, cryptographic_holder_binding: true } });
}

const query = DcqlQuery.parse(request.dcql_query);
DcqlQuery.validate(query);
const found = DcqlQuery.query(query, held.map((one) => one.shown));

async function present(one, claims) {
  const key = await importJWK(one.jwk, "ES256");
  const wallet = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: "sha-256",
    kbSignAlg: "ES256",
    kbSigner: async (data) => {
      const [header, payload] = data.split(".");
      const signer = new CompactSign(Buffer.from(payload, "base64url"));
      const protectedHeader = JSON.parse(Buffer.from(header, "base64url"));
      return (await signer.setProtectedHeader(protectedHeader).sign(key)).split(".")[2];
    },
  });
  const names = Object.keys(claims);
  const frame = Object.fromEntries(names.map((name) => [name, true]));
  const payload = {
    iat: Math.floor(Date.now() / 1000), aud: request.client_id, nonce: request.nonce,
  };
  return wallet.present(one.text, frame, { kb: { payload } });
}

const vpToken = {};
for (const [id, match] of Object.entries(found.credential_matches)) {
  if (!match.success) continue;
  vpToken[id] = await Promise.all(
    match.valid_credentials.map((valid) =>
      present(
        held[valid.input_credential_index],
        valid.claims.valid_claim_sets[0].output,
      ),
    ),
  );
  const { multiple } = query.credentials.find((asked) => asked.id === id);
  if (!multiple) vpToken[id].length = 1;
}

const encrypted = request.response_mode === "direct_post.jwt";
const made = await client.createOpenid4vpAuthorizationResponse({
  authorizationRequestPayload: request,
  clientMetadata: request.client_metadata,
  authorizationResponsePayload: { vp_token: vpToken },
  ...(encrypted && {
    jarm: {
      encryption: { nonce: "" },
      serverMetadata: {
        authorization_signing_alg_values_supported: [],
        authorization_encryption_alg_values_supported: ["ECDH-ES"],
        authorization_encryption_enc_values_supported: ["A128GCM", "A256GCM"],
      },
    },
  }),
});
const sent = await client.submitOpenid4vpAuthorizationResponse({
  authorizationRequestPayload: request,
  authorizationResponsePayload: made.authorizationResponsePayload,
  jarm: made.jarm,
});

console.log(JSON.stringify({
  version: resolved.version,
  client: resolved.client.prefix,
  canBeSatisfied: found.can_be_satisfied,
  shown: Object.fromEntries(Object.entries(vpToken).map(([id, all]) => [id, all.length])),
  status: sent.response.status,
  body: await sent.response.json(),
}));

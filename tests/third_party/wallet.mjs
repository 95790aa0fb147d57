// Collects all that an offer holds with the Open Wallet Foundation's OpenID4VCI library, knowing
// nothing of BankHub. Prints what it got as JSON.
//
//     node wallet.mjs OFFER [TX_CODE]

import { Buffer } from "node:buffer";
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { clientAuthenticationAnonymous, Oauth2Client, setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";

setGlobalConfig({ allowInsecureUrls: true }); // loopback

const [, , offerText, txCode] = process.argv;
const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
const { kty, crv, x, y } = await webcrypto.subtle.exportKey("jwk", pair.publicKey);
const publicJwk = { kty, crv, x, y };
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function signJwt(_signer, { header, payload }) {
  const signed = `${encoded(header)}.${encoded(payload)}`;
  const how = { name: "ECDSA", hash: "SHA-256" };
  const signature = await webcrypto.subtle.sign(how, pair.privateKey, Buffer.from(signed));
  return { jwt: `${signed}.${Buffer.from(signature).toString("base64url")}`, signerJwk: publicJwk };
}

const callbacks = {
  fetch,
  signJwt,
  generateRandom: (length) => randomBytes(length),
  hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
  clientAuthentication: clientAuthenticationAnonymous(),
};

const client = new Openid4vciClient({ callbacks });
const credentialOffer = await client.resolveCredentialOffer(offerText);
const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
  credentialOffer, issuerMetadata, txCode,
});

const signer = { method: "jwk", publicJwk, alg: "ES256" };
const credentials = {};

async function collect(credentialConfigurationId, accessToken) {
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId, signer, nonce, issuedAt: new Date(),
  });
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata, credentialConfigurationId, accessToken, proofs: { jwt: [jwt] },
  });
  await client.sendNotification({
    issuerMetadata, accessToken,
    notification: { notificationId: credentialResponse.notification_id, event: "credential_accepted" },
  });
  return credentialResponse.credentials.map((one) => one.credential);
}

for (const id of credentialOffer.credential_configuration_ids) {
  credentials[id] = await collect(id, accessTokenResponse.access_token);
}

const authorizationServer = issuerMetadata.authorizationServers[0];
const renewed = await new Oauth2Client({ callbacks }).retrieveRefreshTokenAccessToken({
  authorizationServerMetadata: authorizationServer, refreshToken: accessTokenResponse.refresh_token,
});
const [first] = credentialOffer.credential_configuration_ids;
const fresh = await collect(first, renewed.accessTokenResponse.access_token);

process.stdout.write(JSON.stringify({
  version: issuerMetadata.originalDraftVersion,
  known: Object.keys(issuerMetadata.knownCredentialConfigurations),
  publicJwk,
  credentials,
  fresh,
}));

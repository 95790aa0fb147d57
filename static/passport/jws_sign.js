// Compact JWS made with a key of this device; jws.js reads them.

import { base64url, utf8 } from "./bytes.js";
import { sign } from "./es256.js";

export async function write(header, payload, privateKey) {
  const text = [header, payload].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  return `${text}.${base64url(await sign(privateKey, utf8(text)))}`;
}

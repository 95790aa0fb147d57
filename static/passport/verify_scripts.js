// The two scripts that this page starts besides itself; Trusted Types lets no other through.

const OWN = ["/verify/worker.js", "/verify/decoder.js"];

function checked(path) {
  if (!OWN.includes(path)) throw new TypeError("not a script of this page");
  return path;
}

const policy = globalThis.trustedTypes?.createPolicy("own", { createScriptURL: checked });

export const ownScript = (path) => policy?.createScriptURL(path) ?? checked(path);

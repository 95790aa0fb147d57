// Passkeys: a block marked data-passkey="make" or "use" becomes visible where the browser can, and
// its button asks the server for a challenge, the browser for an answer, and the server again.

const can = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON
  && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON;

const TROUBLE = {
  NotAllowedError: "The passkey was not used: it was cancelled, took too long, or did not check that it is you.",
  InvalidStateError: "This device already has a passkey for this account.",
  SecurityError: "Passkeys do not work at this address.",
};

class Refusal extends Error {}

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRF-Token": document.querySelector("input[name=csrf_token]").value,
    },
    body: JSON.stringify(body),
  });
  if (answer.redirected) location.assign(answer.url);
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Refusal(said.detail || said.title), { code: said.code });
  return said;
}

async function make(block) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post(block.dataset.options, {}));
  const credential = await navigator.credentials.create({ publicKey });
  const name = block.querySelector("input[name=name]").value;
  const said = await post(block.dataset.answer, { credential: credential.toJSON(), name });
  if (said.recovery_codes.length) showCodes(block, said.recovery_codes);
  else location.assign(said.next);
}

async function use(block) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post(block.dataset.options, {}));
  const credential = await navigator.credentials.get({ publicKey });
  const said = await post(block.dataset.answer, {
    credential: credential.toJSON(),
    next: document.querySelector("input[name=next]")?.value ?? "",
    own_device: document.querySelector("input[name=own_device]")?.checked ?? false,
  });
  location.assign(said.next);
}

function showCodes(block, codes) {
  const shown = block.querySelector("[data-codes]");
  shown.querySelector("ol").replaceChildren(...codes.map((code) => {
    const item = document.createElement("li");
    const text = document.createElement("code");
    text.className = "reference";
    text.textContent = code;
    item.append(text);
    return item;
  }));
  for (const part of block.children) part.hidden = part !== shown;
  shown.focus();
}

for (const block of document.querySelectorAll("[data-passkey]")) {
  const trouble = block.querySelector("[data-trouble]");
  const button = block.querySelector("button");
  const elsewhere = location.hostname === "127.0.0.1" || location.hostname === "[::1]";
  if (!can || elsewhere) continue;
  block.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    trouble.hidden = true;
    try {
      await (block.dataset.passkey === "make" ? make(block) : use(block));
    } catch (error) {
      if (error.code === "step_up_needed") location.assign(`/account/confirm?next=${encodeURIComponent(location.pathname)}`);
      trouble.textContent = error instanceof Refusal ? error.message : TROUBLE[error.name] ?? "The passkey could not be used. Try again, or use another way.";
      trouble.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
document.documentElement.dataset.passkeys = can ? "yes" : "no";

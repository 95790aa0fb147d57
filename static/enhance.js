// Sends a form marked data-enhance="#target" without leaving the page: the server, told by the
// X-Fragment header, answers with the new inside of the target. Any trouble, and the form goes
// the plain way, which always works. The idempotency key in the form makes the second try safe.

const policy = globalThis.trustedTypes
  ? trustedTypes.createPolicy("server-fragment", { createHTML: (text) => text })
  : { createHTML: (text) => text };

async function fetchFragment(form, submitter) {
  const body = new FormData(form, submitter);
  const get = form.method === "get";
  const query = new URLSearchParams(body).toString();
  const url = new URL(submitter?.getAttribute("formaction") ?? form.action, location.href);
  if (get) url.search = query;
  const encoded = form.enctype === "multipart/form-data" ? body : new URLSearchParams(body);
  const answer = await fetch(url, {
    method: get ? "GET" : "POST",
    body: get ? undefined : encoded,
    headers: { "X-Fragment": "1", Accept: "text/html" },
  });
  const isFragment = answer.headers.get("X-Fragment") === "1";
  if (!isFragment || answer.status >= 500) throw new Error(`not a fragment: ${answer.status}`);
  if (get) history.replaceState(null, "", url);
  return answer.text();
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-enhance]");
  const target = form && document.querySelector(form.dataset.enhance);
  if (!target) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    target.innerHTML = policy.createHTML(await fetchFragment(form, event.submitter));
    const says = target.querySelector("[data-announce]");
    if (says) document.getElementById("live").textContent = says.textContent;
    target.querySelector("[data-focus]")?.focus();
    target.dispatchEvent(new CustomEvent("fragment", { bubbles: true }));
  } catch {
    submitPlainly(form, event.submitter);
  } finally {
    form.ariaBusy = null;
  }
});

function submitPlainly(form, submitter) {
  if (submitter?.name) {
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(kept);
  }
  form.submit();
}

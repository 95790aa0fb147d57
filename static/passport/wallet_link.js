// Where a link is pasted or a code is scanned.

import { button, el } from "./dom.js";

// A form; `go(text)` takes what came. `wrong` stands beside the field from the start.
export function linkForm({ label, hint, go, wrong = "", text = "" }) {
  const field = el("textarea", { class: "nhsuk-textarea", id: "link", rows: 4, autocomplete: "off", spellcheck: "false", "aria-describedby": "link-hint link-error" });
  field.value = text;
  const error = el("span", { class: "nhsuk-error-message", id: "link-error" }, wrong);
  const camera = el("div");
  const form = el("form", { novalidate: true },
    el("div", { class: `nhsuk-form-group${wrong ? " nhsuk-form-group--error" : ""}` },
      el("label", { class: "nhsuk-label", for: "link" }, label),
      el("span", { class: "nhsuk-hint", id: "link-hint" }, hint), error, field),
    el("div", { class: "actions" }, el("button", { class: "button button--primary" }, "Go on"),
      navigator.mediaDevices ? button("Scan a code", () => scanned(camera, error, go)) : null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) return go(field.value);
    error.textContent = "Paste the link first.";
    return field.focus();
  });
  if (wrong) requestAnimationFrame(() => field.focus());
  return el("div", {}, form, camera);
}

async function scanned(camera, error, go) {
  error.textContent = "";
  try {
    const { scan } = await import("./scan.js");
    const found = await scan(camera);
    if (found) await go(found);
  } catch {
    error.textContent = "The camera cannot be used. Allow it in the phone's settings, or paste the link.";
  }
}

// Starts what the page can do beyond plain HTML, then says so in html[data-ready]: once this file is
// done and the page's other scripts have run.

const parsed = new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
const { nhs } = document.querySelector("script[data-nhs]")?.dataset ?? {};

if (nhs) {
  document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
  try {
    const { initAll } = await import(nhs);
    initAll();
    document.addEventListener("fragment", (event) => initAll({ scope: event.target }));
  } catch {
    document.body.classList.remove("js-enabled", "nhsuk-frontend-supported");
  }
} else {
  document.querySelector(".nhsuk-error-summary")?.setAttribute("tabindex", "-1");
  document.querySelector(".nhsuk-error-summary")?.focus();
}

const drops = () => document.querySelectorAll("details.drop[open]");

document.addEventListener("click", (event) => {
  for (const drop of drops()) if (!drop.contains(event.target)) drop.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drop of drops()) {
    drop.open = false;
    drop.querySelector("summary").focus();
  }
});

const SENDING = 5000;

// A form sent twice by a double tap is one deed on the server; this only spares the second trip.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) return void event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, SENDING); // an answer that is a file leaves the page here
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

await parsed;
document.documentElement.dataset.ready = "1";

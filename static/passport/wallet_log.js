// What this phone collected and showed; what to do when it is lost; and how to empty it.

import { button, el, notice } from "./dom.js";
import * as store from "./wallet_store.js";
import { when } from "./wallet_words.js";

const DEEDS = {
  collected: "Collected", shown: "Shown", presented: "Presented online", removed: "Removed",
  refused: "Turned down",
};

export async function logView(main) {
  const entries = (await store.all("log")).reverse();
  main.append(el("h1", { tabindex: "-1" }, "Log"),
    el("p", { class: "muted" }, "Kept on this phone only. Who recorded a check of you stands at ", el("a", { href: "/my-passport" }, "My passport"), "."));
  if (!entries.length) return void main.append(el("p", { class: "empty" }, "Nothing was collected or shown yet."));
  main.append(el("ol", { class: "cards wallet-log" }, entries.map(entry)));
}

function entry({ what, at, to, about = [], issuer }) {
  const preposition = what === "collected" || what === "removed" ? "From" : "To";
  return el("li", { class: "card" },
    el("p", { class: "card__title" }, `${DEEDS[what] ?? what}, `, el("span", { class: "muted" }, when(at))),
    to && el("p", {}, `${preposition}: ${to}`),
    about.length ? el("p", {}, `What: ${about.join(", ")}${issuer ? ` (issued by ${issuer})` : ""}`) : null);
}

export async function aboutView(main, { install, ready }) {
  const stays = await store.get("keep", "stays");
  const estimate = await navigator.storage?.persisted?.().catch(() => false);
  main.append(el("h1", { tabindex: "-1" }, "Help"),
    el("section", { class: "panel" }, el("h2", { class: "panel__title" }, "Lost phone, new phone"),
      el("p", {}, "Sign in at ", el("a", { href: "/my-passport" }, "My passport"), " on any device and freeze the lost phone: from then on nobody believes it. There you also get the offer for the new phone."),
      el("p", {}, "The key cannot be moved or copied. Collecting again is two taps.")),
    el("section", { class: "panel" }, el("h2", { class: "panel__title" }, "At the door"),
      el("p", {}, "Show the code; the checker scans it. It is signed anew every 15 seconds, so a photograph of it is worth nothing. If the checker's screen shows digits, type them: the code then answers that checker alone."),
      el("p", {}, "No smartphone with you? The staff bank's desk prints a pointer that is checked with your photo.")),
    el("section", { class: "panel" }, el("h2", { class: "panel__title" }, "On this phone"),
      el("p", {}, stays || estimate
        ? "The phone keeps what is here until you remove it."
        : "The browser may clear what is here when space is short or after weeks without a visit. Installed on the home screen it stays."),
      install ? el("p", {}, button("Install as an app", install)) : null,
      remains(ready)));
}

function remains(ready) {
  const sure = el("div", { hidden: true },
    notice("bad", el("p", {}, "The key, everything collected and the log go from this phone. To carry your passport again you need a new offer.")),
    button("Remove everything", async () => {
      await store.wipe();
      ready();
    }, "warning"));
  return el("div", {}, button("Empty this wallet", () => (sure.hidden = !sure.hidden), "quiet"), sure);
}

// The wallet's first page: what is held, in which state, and who says so. And the very first visit.

import { button, el, facts, icon, notice, tag } from "./dom.js";
import { ENDED, refreshAll } from "./wallet_deeds.js";
import { faceOf } from "./wallet_show.js";
import { said } from "./show_gate.js";
import * as sdJwt from "./sd_jwt.js";
import * as store from "./wallet_store.js";
import { PROVENANCE, ahead as until, day, headline, labels, provenance, state, value, when } from "./wallet_words.js";

const FEW = 3; // of one kind, each by itself
const OLD = 24 * 3_600_000;
const CLOCK = 20_000; // a checker takes a code from 60 s behind to 30 s ahead

export async function homeView(main, { troubles, again }) {
  const pair = await store.phoneKey();
  const [gates, credentials, issuers] = await Promise.all(["gates", "credentials", "issuers"].map(store.all));
  main.append(el("h1", { tabindex: "-1" }, "Your passport"));
  const ended = issuers.filter((one) => one.ended).map((one) => ENDED(one.name));
  for (const words of new Set([...troubles, ...ended])) main.append(notice("warn", el("p", {}, words)));
  const ahead = (await store.get("keep", "clock ahead")) ?? 0;
  if (Math.abs(ahead) > CLOCK) main.append(notice("warn", el("p", {}, clockWords(ahead))));
  if (!gates.length && !credentials.length) return void main.append(empty());
  for (const gate of gates) main.append(await gateCard(gate, pair));
  if (!gates.length) main.append(notice("warn", el("p", {}, "There is no code to show at a door yet. ", el("a", { href: "#/collect" }, "Collect it"), " with your identity.")));
  main.append(el("div", { class: "heading-row" }, el("h2", {}, "What it says"), button("Refresh", async () => again(await refreshAll({ force: true })), "secondary", { class: "button button--secondary button--small" })));
  for (const issuer of issuers) {
    const own = credentials.filter((one) => one.issuer === issuer.issuer).sort((one, other) => one.collectedAt - other.collectedAt);
    if (own.length) main.append(el("h3", { class: "wallet-issuer" }, `Issued by ${issuer.name}`), el("ul", { class: "cards" }, await Promise.all(byKind(own).map(group))));
  }
  const last = Math.max(0, ...issuers.map((one) => one.refreshedAt));
  main.append(el("p", { class: "muted" }, last ? `Fresh copies were last fetched ${when(last)}.` : ""));
}

function clockWords(off) {
  const minutes = Math.round(Math.abs(off) / 60_000);
  const much = minutes < 2 ? "about a minute" : `${minutes} minutes`;
  return `This phone's clock is ${much} ${off > 0 ? "ahead" : "behind"}. Checkers will refuse your code until it is right: let the phone set its date and time by itself.`;
}

const empty = () => el("div", { class: "empty" },
  el("p", { class: "empty__title" }, "Nothing here yet"),
  el("p", {}, "Your organisation sends you an offer: a link, or a code on its screen."),
  el("a", { class: "button button--primary", href: "#/collect" }, "Collect your passport"));

async function gateCard(gate, pair) {
  const { facts: told, expiresAt } = await said(gate.cwt, pair);
  const over = Date.now() >= expiresAt;
  const old = Date.now() - gate.refreshedAt > OLD;
  const [word, tone, mark] = over ? ["Run out", "bad", "cross"] : state(gate.status);
  return el("section", { class: "panel wallet-pass", "aria-label": "Code to show" },
    el("div", { class: "wallet-pass__who" }, faceOf(told.face, told.name),
      el("div", {}, el("p", { class: "wallet-pass__name" }, told.name), el("p", {}, told.role), el("p", { class: "muted" }, gate.issuerName), el("p", {}, tag(word, tone, mark)))),
    over ? null : el("a", { class: "button button--primary wallet-pass__show", href: "#/show" }, icon("passport"), "Show my passport"),
    el("p", { class: old ? "" : "muted" }, over
      ? `Ran out on ${day(expiresAt - 1)}. Connect the phone to the internet to fetch a fresh one.`
      : `Works without a network until ${day(expiresAt - 1)} (${until(expiresAt)}). Last refreshed ${when(gate.refreshedAt)}.`));
}

function byKind(credentials) {
  const found = new Map();
  for (const one of credentials) found.set(one.vct, [...(found.get(one.vct) ?? []), one]);
  return [...found.values()];
}

// Many of one kind are folded; what is not valid among them is told outside.
async function group(credentials) {
  const cards = await Promise.all(credentials.map(card));
  if (credentials.length <= FEW) return cards;
  const states = credentials.map(({ status }) => state(status)).filter(([word]) => word !== "Valid");
  const words = states.length ? tag(`${states.length} not valid`, "warn", "half") : tag("All valid", "good", "full");
  return el("li", {}, el("details", { class: "details card wallet-kind" },
    el("summary", {}, el("span", {}, `${credentials[0].name} (${credentials.length}) `, words)), el("ul", { class: "cards" }, cards)));
}

async function card(credential) {
  const { claims } = await sdJwt.read(credential.copies[0].text);
  const [word, tone, mark] = state(credential.status);
  const about = headline(claims);
  return el("li", {}, el("article", { class: "card card--link wallet-card" },
    el("h4", { class: "card__title" }, el("a", { class: "card__link", href: `#/credential/${credential.id}` }, credential.name)),
    about && el("p", {}, about),
    el("p", { class: "muted" }, provenance(claims, credential.issuerName)),
    el("p", {}, tag(word, tone, mark))));
}

// One credential whole: its state, who says so, and every claim in plain words.
export async function credentialView(main, { path }) {
  const credential = await store.get("credentials", path);
  if (!credential) return void main.append(el("h1", { tabindex: "-1" }, "Not here"), el("p", {}, "It is not on this phone any more."));
  const read = await sdJwt.read(credential.copies[0].text);
  const issuer = await store.get("issuers", credential.issuer);
  const type = await store.get("types", credential.vct);
  const label = labels(type?.metadata, issuer?.configurations[credential.configuration]);
  const rows = (names) => names.map((name) => [label(name), named(name, read.claims[name], credential) ?? value(name, read.claims[name], label(name))]);
  const names = Object.keys(read.claims);
  const [word, tone, mark] = state(credential.status);
  main.append(
    el("p", {}, el("a", { class: "back-link", href: "#/" }, "Your passport")),
    el("h1", { tabindex: "-1" }, credential.name),
    el("p", {}, tag(word, tone, mark), credential.status ? ` as of ${when(credential.status.at)}` : ""),
    ...stateWords(credential.status),
    el("p", {}, type?.metadata?.description ?? ""),
    el("section", { class: "panel" }, el("h2", { class: "panel__title" }, "What it says"), facts(rows(names.filter((name) => !PROVENANCE.includes(name))))),
    el("section", { class: "panel" }, el("h2", { class: "panel__title" }, "Who says so, how and when"),
      facts([["Issued by", credential.issuerName], ...rows(PROVENANCE.filter((name) => names.includes(name))),
        ["Collected", when(credential.collectedAt)], ["This copy", when(credential.refreshedAt)],
        ...(read.exp ? [["Ends", day(secondsOf(read.exp) * 1000)]] : [])])),
    el("p", {}, "Something wrong? Tell its issuer at ", el("a", { href: "/my-passport" }, "My passport"), ", with the reason."),
    removal(credential),
  );
}

// The issuer's own code with its name.
const named = (name, code, { issuer, issuerName }) =>
  ["provider", "verifier"].includes(name) && issuer.endsWith(`/${code}`) ? `${issuerName} (${code})` : null;

const secondsOf = (exp) => (typeof exp === "number" ? exp : exp.value);

function stateWords(status) {
  const words = {
    suspended: "Its issuer holds it back for now. Nobody relies on it until that is over; they told you why, or will.",
    withdrawn: "Its issuer took it back. It counts for nothing any more and can be removed.",
  }[status?.word];
  return words ? [notice("warn", el("p", {}, words))] : [];
}

function removal(credential) {
  const sure = el("div", { hidden: true }, el("p", {}, "Its issuer can offer it to you again."),
    button("Remove it", async () => {
      await store.remove("credentials", credential.id);
      await store.note("removed", { to: credential.issuerName, about: [credential.name] });
      location.hash = "#/";
    }, "warning"));
  return el("div", {}, button("Remove from this phone", () => (sure.hidden = !sure.hidden), "quiet"), sure);
}

const isApple = () => /iP(?:hone|ad|od)/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

// Before there is a key. On an iPhone what a browser keeps is gone after a week without a visit, and
// what an installed app keeps is apart from it: so there the app comes first and the key after.
export async function firstView(main, { offer, install, ready }) {
  const first = isApple() && !isInstalled();
  const set = async () => {
    await store.setUp();
    ready();
  };
  main.append(el("h1", { tabindex: "-1" }, "Your staff passport"),
    el("p", { class: "lead" }, "Carry what your organisation says of you, and show it at any door, also where there is no network."));
  if (first) main.append(appleSteps(offer));
  main.append(el("ul", {},
    el("li", {}, "A key is made on this phone. It never leaves it: nobody can copy your passport, and you cannot move it."),
    el("li", {}, "What you collect stays on this phone. You see what you show, and to whom, in a log."),
    el("li", {}, "Lost phone? Freeze it at ", el("a", { href: "/my-passport" }, "My passport"), " and collect again.")));
  main.append(el("div", { class: "actions" },
    first ? button("Use it in this browser all the same", set, "quiet") : button("Set up on this phone", set, "primary"),
    install && !isInstalled() ? button("Install as an app", install) : null));
}

function appleSteps(offer) {
  const copied = el("span", { role: "status" });
  return el("section", { class: "panel" }, el("h2", { class: "panel__title" }, "Install it first"),
    el("ol", {}, el("li", {}, "Tap the Share button of the browser."), el("li", {}, "Choose Add to Home Screen."), el("li", {}, "Open Passport from the Home Screen and set it up there.")),
    el("p", {}, "In the browser alone the phone forgets it after a week without a visit."),
    offer ? el("p", {}, button("Copy the offer", async () => {
      await navigator.clipboard.writeText(offer);
      copied.textContent = " Copied: paste it under Collect in the app.";
    }), copied) : null);
}

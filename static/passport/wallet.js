// The wallet: which view is shown, what arrived in the address, and the version that runs.

import { el, icon, notice, button, announce } from "./dom.js";
import { isRequest } from "./openid4vp.js";
import { collectView } from "./wallet_collect.js";
import { inWords, refreshAll } from "./wallet_deeds.js";
import { credentialView, firstView, homeView } from "./wallet_home.js";
import { aboutView, logView } from "./wallet_log.js";
import { presentView } from "./wallet_present.js";
import { showView } from "./wallet_show.js";
import * as store from "./wallet_store.js";

const VIEWS = {
  "": { view: homeView, title: "Your passport", tab: "Passport", icon: "passport" },
  collect: { view: collectView, title: "Collect", tab: "Collect", icon: "plus" },
  present: { view: presentView, title: "Answer a request", tab: "Answer", icon: "upload" },
  log: { view: logView, title: "Log", tab: "Log", icon: "list" },
  about: { view: aboutView, title: "Help", tab: "Help", icon: "info" },
  show: { view: showView, title: "Show" },
  credential: { view: credentialView, title: "Credential" },
};

const main = document.getElementById("maincontent");
const tabs = document.getElementById("tabs");
const notes = document.getElementById("notes");
const policy = globalThis.trustedTypes
  ? trustedTypes.createPolicy("own", { createScriptURL: ownScript })
  : { createScriptURL: ownScript };

let offer = "";
let request = "";
let troubles = [];
let install = null;
let leave = null;
let turn = 0;

function ownScript(path) {
  if (path !== "/wallet/worker.js") throw new TypeError("not a script of the wallet");
  return path;
}

// An offer or a request comes in the fragment, which no server sees; it does not stay there either.
function arrived() {
  const [, kind] = /^#(offer|request)=/.exec(location.hash) ?? [];
  if (!kind) return;
  const view = take(location.href, kind === "offer" ? "collect" : "present");
  history.replaceState(null, "", `/wallet#/${view}`);
}

// Keeps what came; answers the view that goes on with it.
function take(text, wanted) {
  const view = isRequest(text) ? "present" : wanted;
  if (view === "present") request = text;
  else offer = text;
  return view;
}

async function draw({ focus = true } = {}) {
  const mine = (turn += 1);
  arrived();
  const [, name = "", path = ""] = /^#\/([a-z]*)\/?(.*)$/.exec(location.hash) ?? [];
  const known = VIEWS[name] ?? VIEWS[""];
  const setUp = Boolean(await store.phoneKey());
  const context = {
    path, offer, request, troubles, install: install && (() => install.prompt()),
    forget: () => forget(context),
    take: (text, wanted) => go(take(text, wanted)),
    ready: () => go(offer ? "collect" : request ? "present" : ""),
    collected,
    again: (found) => {
      troubles = found.troubles;
      return draw();
    },
  };
  leave?.();
  leave = null;
  // Each showing has a place of its own: one that is overtaken goes on in a place that is gone.
  const place = el("div");
  main.replaceChildren(place);
  const ended = await shown(setUp ? known.view : firstView, place, context);
  if (mine !== turn) return void ended?.();
  leave = ended ?? null;
  showTabs(setUp, name);
  document.title = `${setUp ? known.title : "Set up"} – Staff passport`;
  if (focus) (main.querySelector("h1[tabindex]") ?? main).focus();
  document.documentElement.dataset.view = setUp ? name || "home" : "first";
  document.documentElement.dataset.ready = "1";
}

async function shown(view, place, context) {
  try {
    return await view(place, context);
  } catch (problem) {
    place.replaceChildren(el("h1", { tabindex: "-1" }, "Something did not work"), notice("bad", el("p", {}, inWords(problem))),
      el("p", {}, el("a", { href: "#/about" }, "Help"), " says how to start anew."));
    return null;
  }
}

// What a view was opened with is done with. What came since stays.
function forget(context) {
  if (offer === context.offer) offer = "";
  if (request === context.request) request = "";
}

function go(name) {
  if (location.hash === `#/${name}`) return draw();
  location.hash = `#/${name}`;
  return undefined;
}

function showTabs(setUp, current) {
  tabs.hidden = !setUp;
  document.documentElement.classList.toggle("has-tabs", setUp);
  const links = Object.entries(VIEWS).filter(([, view]) => view.tab);
  tabs.replaceChildren(el("ul", {}, links.map(([name, view]) => el("li", {},
    el("a", { href: `#/${name}`, "aria-current": name === current && "page" }, icon(view.icon), el("span", {}, view.tab))))));
}

async function freshen() {
  if (!navigator.onLine || !(await store.phoneKey())) return;
  const found = await refreshAll().catch(() => ({ changed: false }));
  if (found.troubles) ({ troubles } = found);
  if (found.changed && document.documentElement.dataset.view === "home") await draw({ focus: false });
}

// An offer was collected while another view was on the screen: that one is drawn anew where it tells
// of what is held, or holds out the same offer again.
async function collected() {
  const { view } = document.documentElement.dataset;
  if (view === "home" || (view === "collect" && !offer)) await draw({ focus: false });
}

// Keeps the page for when there is no network. A new version waits until it is asked for.
async function keep() {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register(policy.createScriptURL("/wallet/worker.js"), { scope: "/wallet", updateViaCache: "none" });
  const offerUpdate = () => registration.waiting && navigator.serviceWorker.controller && notes.replaceChildren(
    notice("info", el("p", {}, "There is a new version of the wallet. ", button("Use it now", () => registration.waiting?.postMessage("take over"), "secondary", { class: "button button--secondary button--small" }))));
  offerUpdate();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offerUpdate));
  const had = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => had && location.reload());
  await navigator.serviceWorker.ready;
  document.documentElement.dataset.offline = "1";
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  install = event;
});
addEventListener("hashchange", () => draw());
addEventListener("online", freshen);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && freshen());

await draw({ focus: false });
await Promise.all([keep().catch(() => announce("The wallet could not be kept for use without a network.")), freshen()]);

// Checks a passport that somebody shows: by camera, picture, barcode gun or pasted text. The verdict
// is made on this device, from lists that it fetched before, and needs no network.

import { gateVerdict } from "./verdict.js";
import { listen } from "./barcode_gun.js";
import { OLDEST, NEWEST, REPLAY, read } from "./gate.js";
import { base64url, hex } from "./bytes.js";
import { announce, button, el, notice } from "./dom.js";
import { NoReader, fromCamera, fromPicture } from "./verify_camera.js";
import { fetchLists, known, lists } from "./verify_lists.js";
import * as me from "./verify_me.js";
import { ownScript } from "./verify_scripts.js";
import * as store from "./verify_store.js";
import { DECISIONS, verdictView } from "./verify_view.js";
import * as words from "./verify_words.js";

const EVERY = 5 * 60 * 1000;
const DESK = /^(?:https?:\/\/[^/]+\/desk\/)?([2-9A-HJ-NP-TV-Z]{8})$/;
const main = document.getElementById("maincontent");
const standing = document.getElementById("standing");

let challenge = null;
let waiting = 0;
let screen = 0;
let judging = false;
let parts = [];

// --- the first screen ---

async function start({ focus = true } = {}) {
  const mine = (screen += 1);
  const known_ = { name: await me.checker(), empty: (await lists()).trust.length === 0 };
  if (mine !== screen) return; // somebody was checked meanwhile: their verdict stays
  const scene = el("div", { id: "scene" });
  const title = el("h1", { id: "check", tabindex: "-1" }, "Check a passport");
  const [noLists, name, expected, enrol] = (parts = [
    new Part(({ empty }) => empty, () => notice("warn", el("p", {}, "This device has no lists yet. Connect it once: without them nothing can be confirmed."))),
    new Part(() => me.who().as === "device", (now) => whoChecks(now.name)),
    new Part(() => me.who().expected, expectedList),
    new Part(() => !me.who().as, enrolBox),
  ]);
  for (const part of parts) part.draw(known_);
  main.replaceChildren(
    title, noLists.place, name.place,
    el("p", { class: "actions" },
      button("Scan with the camera", () => byCamera(scene), "primary", { class: "button button--primary verify-scan" }),
      picture(scene)),
    scene, challengeBox(), typed(), expected.place, enrol.place);
  await drawStanding();
  if (focus) title.focus();
}

// A part of the first screen that what the server says can change. It alone is drawn anew then: a
// camera that runs and a code that is being typed beside it stay.
class Part {
  constructor(about, view) {
    [this.about, this.view, this.drawn] = [about, view, ""];
    this.place = el("div", { class: "verify-part" });
  }

  draw(now) {
    const about = JSON.stringify(this.about(now) || null);
    if (about === this.drawn) return;
    this.drawn = about;
    this.place.replaceChildren(...(about === "null" ? [] : [this.view(now)]));
  }
}

async function drawParts() {
  const now = { name: await me.checker(), empty: (await lists()).trust.length === 0 };
  for (const part of parts) part.draw(now);
}

function whoChecks(name) {
  const input = el("input", { id: "checker", class: "nhsuk-input", autocomplete: "off", value: name, maxlength: "120" });
  const said = el("p", { class: "muted", role: "status" }, name ? "Kept for this shift." : "");
  input.addEventListener("change", async () => {
    await me.enterChecker(input.value.trim());
    said.textContent = input.value.trim() ? "Kept for this shift." : "";
  });
  return el("div", { class: "panel" }, el("div", { class: "nhsuk-form-group" },
    el("label", { class: "nhsuk-label", for: "checker" }, "Your name and role"), input), said);
}

function picture(scene) {
  const input = el("input", { type: "file", accept: "image/*", id: "picture", class: "visually-hidden" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const at = performance.now();
    try {
      if (!(await ready())) return;
      const text = await fromPicture(file);
      if (text === null) trouble(scene, "No code was found in this picture. Take it from closer, with all four corners in it.");
      else await judge(text, at);
    } catch (problem) {
      trouble(scene, problem instanceof NoReader ? NO_READER : "This is not a picture that can be read.");
    } finally {
      input.value = "";
    }
  });
  return el("span", {}, input, el("label", { for: "picture", class: "button button--secondary" }, "Use a picture"));
}

const NO_READER = "This installation has no reader of QR codes. Use a barcode gun, or paste the text of the code.";

async function byCamera(scene) {
  if (!(await ready())) return;
  try {
    const found = await fromCamera(scene);
    if (found) await judge(found.text, found.at);
  } catch (problem) {
    const words_ = problem instanceof NoReader ? NO_READER
      : problem?.name === "NotAllowedError" ? "The camera is not allowed here. Allow it in the browser’s settings, or use a picture."
        : "There is no camera that can be used. Use a picture, a barcode gun, or paste the text of the code.";
    trouble(scene, words_);
  }
}

function trouble(scene, text) {
  scene.replaceChildren(el("p", { class: "notice notice--bad", role: "alert" }, text));
}

// On a ward's device, who checks has to be known before anybody is checked.
async function ready() {
  if (me.who().as !== "device" || (await me.checker())) return true;
  const input = document.getElementById("checker");
  input?.focus();
  announce("Enter your name and role first.");
  if (input && !document.getElementById("checker-error")) {
    input.before(el("span", { id: "checker-error", class: "nhsuk-error-message" }, "Enter your name and role first."));
    input.setAttribute("aria-describedby", "checker-error");
  }
  return false;
}

function challengeBox() {
  const digits = el("p", { class: "verify-digits", "data-digits": "", hidden: challenge === null }, challenge ?? "");
  const explain = el("p", { class: "muted" }, "They type these digits into their phone. A picture sent by somebody far away cannot answer them.");
  const toggle = button(challenge === null ? "Ask for digits" : "Ask for no digits", async () => {
    challenge = challenge === null ? newDigits() : null;
    await start({ focus: false });
    document.getElementById("digits").focus();
  }, "secondary", { id: "digits" });
  return el("div", { class: "panel" }, el("h2", {}, "Against a relayed code"), digits, explain, el("p", { class: "actions" }, toggle));
}

function newDigits() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000).padStart(6, "0");
}

function typed() {
  const input = el("textarea", { id: "typed", class: "nhsuk-textarea", rows: "2", autocomplete: "off", spellcheck: "false" });
  const go = async () => {
    if (input.value.trim() && (await ready())) await judge(input.value.trim().toUpperCase(), performance.now());
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    go();
  });
  return el("details", { class: "panel" }, el("summary", {}, "Type or paste a code"),
    el("div", { class: "nhsuk-form-group" },
      el("label", { class: "nhsuk-label", for: "typed" }, "The text of the code, or the 8 letters of a printed one"), input),
    el("p", { class: "actions" }, button("Check it", go)));
}

function expectedList() {
  const { expected } = me.who();
  const units = [...new Set(expected.map((one) => one.unit))];
  return el("section", { class: "panel", "aria-labelledby": "expected" },
    el("h2", { id: "expected" }, "Expected from now to the morning"),
    expected.length === 0 && el("p", {}, "Nobody is booked."),
    units.map((unit) => [
      el("h3", {}, unit),
      el("ul", { class: "verify-expected" }, expected.filter((one) => one.unit === unit)
        .map((one) => el("li", {}, el("strong", {}, one.name || "Agency worker"), ` ${words.shift(one)}`))),
    ]));
}

function enrolBox() {
  const input = el("input", { id: "enrol", class: "nhsuk-input nhsuk-input--width-10", autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  const said = el("p", { role: "alert" });
  const go = async () => {
    const wrong = await me.enrol(input.value);
    said.textContent = wrong;
    if (wrong) return;
    await freshen();
    document.getElementById("check")?.focus();
  };
  return el("details", { class: "panel" }, el("summary", {}, "Make this a ward’s device"),
    el("div", { class: "nhsuk-form-group" },
      el("label", { class: "nhsuk-label", for: "enrol" }, "The code that a manager gave you"), input), said,
    el("p", { class: "actions" }, button("Enrol this device", go), el("a", { class: "button button--secondary", href: "/sign-in?next=/verify" }, "Sign in instead")));
}

// --- the verdict ---

// One at a time: the same code twice, by a key that was held down or by camera and gun at once, is
// one showing and no copy.
async function judge(text, startedAt) {
  if (judging) return;
  if (DESK.test(text)) return void pointer(text.match(DESK)[1]);
  judging = true;
  const drawn = await judged(text, startedAt).finally(() => (judging = false));
  await record(...drawn);
}

async function judged(text, startedAt) {
  const now = Date.now();
  const said = ofToken(text);
  const seen = await recent(now);
  const mine = me.who().ods ? ["dsp:gate", me.who().ods] : undefined;
  const what = await known(said?.ods ?? "", now);
  const found = await gateVerdict(text, what, { audience: mine, challenge, seen });
  if (found.seen) await remember(found.seen, now);
  challenge = challenge === null ? null : newDigits();
  const issuer = found.issuer ? what.trust.issuers.find((one) => one.ods === found.issuer) : null;
  const check = {
    id: crypto.randomUUID(),
    at: new Date(now).toISOString(),
    outcome: found.outcome,
    codes: found.findings.map((one) => one.code),
    kinds: [...new Set(found.facts.map((one) => one.kind))],
    checker: await me.checker(),
    holder_key: found.seen ? base64url(found.seen.digest) : null,
    issuer_ods: found.issuer ?? null,
    decision: null,
    decided_at: null,
  };
  const about = { now, me: me.who(), issuer, expected: null, recorded: "", clocks: clocks(found, said, now), ages: await ages(said, now) };
  const shown = draw(found, about, check);
  document.documentElement.dataset.verdictMs = String(Math.round(performance.now() - startedAt));
  return [found, about, check, shown];
}

function draw(found, about, check) {
  const decide = async (code) => {
    check.decision = code;
    check.decided_at = new Date().toISOString();
    waiting = await me.note(check);
    await drawStanding();
    return `${DECISIONS[code]}, noted for ${check.checker}.${waiting ? " It is sent when there is a network." : ""}`;
  };
  const shown = verdictView(found, about, { decide, again: () => start() });
  screen += 1;
  main.replaceChildren(shown);
  document.getElementById("verdict").focus();
  return shown;
}

// The check goes on record, and whoever stands there may be expected: told under their own verdict,
// never under that of the next person.
async function record(found, about, check, shown) {
  if (!me.who().as) return;
  waiting = await me.note(check);
  await drawStanding();
  if (!found.seen || found.outcome === "red") return;
  about.expected = await expectedHere(check.holder_key);
  if (!about.expected || !shown.isConnected) return;
  const { code, tone, text, url } = about.expected;
  const line = el("p", { class: `notice notice--${tone}`, "data-expected": code, role: "status" }, text, url && el("a", { href: url }, "Check them in"));
  shown.querySelector(".panel").before(line);
}

async function expectedHere(key) {
  const answer = await me.post("expected", { holder_key: key }).catch(() => null);
  if (!answer?.ok) return null;
  const said = await answer.json();
  if (!said.known) return { code: "unknown", tone: "info", text: "Whether a shift is booked here is not known of this passport." };
  if (!said.expected) return { code: "not_expected", tone: "warn", text: "Not expected here." };
  return { code: "known", tone: "good", url: said.expected.arrival_url, text: `Booked here ${words.shift(said.expected)}: ${said.expected.unit}. ` };
}

function ofToken(text) {
  try {
    return read(text).said;
  } catch {
    return null;
  }
}

// Two clocks that differ are no forgery: both are told.
function clocks(found, said, now) {
  const apart = said ? said.shownAt - now : 0;
  const code = found.findings[0]?.code;
  if (!said || !["too_old", "too_new"].includes(code) || (apart <= NEWEST && apart >= -OLDEST)) return "";
  return `Their phone says ${words.toTheSecond(said.shownAt)}, this device ${words.toTheSecond(now)}: ${words.apart(apart)} apart. If the phone is right, set this device’s clock.`;
}

async function ages(said, now) {
  const found = await lists();
  const list = said?.status && found.statuses.find((one) => one.uri === said.status.uri);
  const parts = [
    list ? `Withdrawals known as at ${words.clock(list.iat * 1000)} (${words.ago(list.iat * 1000, now)}).` : "",
    found.fetchedAt ? `Lists fetched ${words.ago(found.fetchedAt, now)}.` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

async function recent(now) {
  const found = await store.all("seen");
  for (const one of found) if (now - one.at > REPLAY) await store.remove("seen", one.key);
  return found.filter((one) => now - one.at <= REPLAY);
}

const remember = ({ digest, second }, now) => store.put("seen", { key: `${hex(digest)} ${second}`, digest, second, at: now });

// A printed code proves nothing: it leads somebody who may look to the record.
function pointer(code) {
  const title = el("h1", { id: "verdict", tabindex: "-1" }, "A printed code");
  screen += 1;
  main.replaceChildren(el("section", { class: "verdict verdict--amber", "data-outcome": "pointer" }, title,
    el("p", {}, "It proves nothing by itself. Somebody of the employer’s desk looks the person up by it and compares the photo."),
    el("p", { class: "actions" }, el("a", { class: "button button--primary", href: `/desk/${code}` }, "Look them up"), button("Back", () => start()))));
  title.focus();
}

// --- what stands at the foot: whose device, how old the lists are, what waits ---

async function drawStanding() {
  const found = await lists();
  const { as, organisation, unit, name, may_read: mayRead } = me.who();
  const whose = as === "device" ? `Device of ${unit}, ${organisation}.`
    : as === "account" ? `${name}, ${organisation}.` : "Nobody is signed in: nothing is recorded.";
  const age = found.fetchedAt ? `Lists fetched ${words.ago(found.fetchedAt)}.` : "No lists yet.";
  const clock = Math.abs(found.ahead) > 60_000 ? ` This device’s clock is ${words.apart(found.ahead)} ${found.ahead > 0 ? "ahead of" : "behind"} the server’s.` : "";
  const queue = waiting ? ` ${waiting} ${waiting === 1 ? "check waits" : "checks wait"} to be sent.` : "";
  standing.replaceChildren(el("p", { "data-whose": as ?? "nobody" }, whose), el("p", { "data-waiting": String(waiting) }, age, clock, queue),
    ...(mayRead ? [el("p", {}, el("a", { href: "/verdicts" }, "Checks on record"))] : []));
}

async function freshen() {
  await me.askWho();
  await fetchLists();
  waiting = await me.send();
  await Promise.all([drawParts(), drawStanding()]);
}

listen(async (text, at) => {
  if (await ready()) await judge(text, at);
});

async function keepPage() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register(ownScript("/verify/worker.js"), { scope: "/verify", updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  document.documentElement.dataset.offline = "1";
}

addEventListener("online", freshen);
setInterval(freshen, EVERY);
await me.askWho();
await start({ focus: false });
await freshen();
document.documentElement.dataset.ready = "1";
await keepPage().catch(() => {});

// Shows the passport: the code, signed anew every 15 seconds, with the face and the name above it.
// Needs no network. A checker's digits go into the code, so that it answers this one checker.

import { announce, button, el, notice } from "./dom.js";
import { isChallenge, said, show } from "./show_gate.js";
import * as store from "./wallet_store.js";
import { ahead, day, when } from "./wallet_words.js";

const EVERY = 15_000;
const TICK = 250;

// Puts the view into `main`; answers what ends it.
export async function showView(main) {
  const pair = await store.phoneKey();
  const gates = (await store.all("gates")).sort((one, other) => other.refreshedAt - one.refreshedAt);
  if (!pair || !gates.length) {
    main.append(el("h1", {}, "Nothing to show yet"), el("p", {}, el("a", { href: "#/collect" }, "Collect your passport"), " from your organisation first."));
    return null;
  }
  const showing = new Showing(main, pair, gates);
  await showing.take(gates[0]);
  return () => showing.end();
}

export const faceOf = (face, name) =>
  face && el("img", { class: "face", width: 64, height: 80, alt: `Face of ${name}`, src: `data:image/webp;base64,${btoa(String.fromCharCode(...face))}` });

class Showing {
  constructor(main, pair, gates) {
    this.pair = pair;
    this.gates = gates;
    this.challenge = null;
    this.head = el("div", { class: "showing__head" });
    this.stage = el("div", { class: "showing__code" });
    this.left = el("progress", { max: EVERY, value: EVERY, "aria-hidden": "true" });
    this.count = el("p", { class: "showing__count number" });
    this.foot = el("div", { class: "showing__foot" });
    main.append(el("section", { class: "showing", "aria-label": "Your passport" }, this.head, this.stage, el("div", { class: "showing__time" }, this.left, this.count), this.foot));
    this.seen = () => document.visibilityState === "visible" && this.again();
    document.addEventListener("visibilitychange", this.seen);
    this.ticking = setInterval(() => this.tick(), TICK);
  }

  // The passport of one employer, with the ordinary code; of two chosen quickly, the one chosen last.
  async take(gate) {
    this.chosen = gate;
    const told = await said(gate.cwt, this.pair);
    if (this.chosen !== gate) return;
    [this.gate, this.said, this.challenge, this.signedAt] = [gate, told, null, 0];
    this.stage.replaceChildren();
    const { name, role, face } = told.facts;
    this.head.replaceChildren(
      ...[faceOf(face, name)].filter(Boolean),
      el("div", {}, el("h1", { tabindex: "-1" }, name), el("p", {}, role), el("p", { class: "muted" }, gate.issuerName)),
    );
    this.foot.replaceChildren(this.warning(), this.challengeForm(), ...this.others(), this.terms());
    await store.note("shown", { to: "Whoever scanned it", about: shownFacts(told), issuer: gate.issuerName });
    await this.again();
  }

  // A fresh code now. One that was begun for another passport or other digits comes too late.
  async again() {
    if (this.over()) return;
    await this.stayAwake();
    const [{ gate, challenge }, now] = [this, Date.now()];
    const { draw, modules } = await import("./qr_svg.js");
    const text = await show(gate.cwt, { privateKey: this.pair.privateKey, now, challenge });
    if (gate !== this.gate || challenge !== this.challenge) return;
    this.signedAt = now;
    this.stage.replaceChildren(draw(modules(text), "Code of your passport, for the checker's camera"));
    this.tick();
  }

  over() {
    if (Date.now() < this.said.expiresAt) return false;
    this.stage.replaceChildren(notice("bad", el("p", {}, el("strong", {}, "This passport has run out. "), "Connect the phone to the internet and open the wallet: it fetches a fresh one.")));
    return true;
  }

  tick() {
    if (!this.signedAt) return;
    const left = Math.max(0, this.signedAt + EVERY - Date.now());
    this.left.value = left;
    this.count.textContent = `New code in ${Math.ceil(left / 1000)} s`;
    if (!left && document.visibilityState === "visible") {
      this.signedAt = 0;
      this.again().finally(() => (this.signedAt ||= Date.now()));
    }
  }

  // Two at once ask for one lock: one that nobody knows of would keep the screen on for good.
  async stayAwake() {
    if (this.awake && !this.awake.released) return;
    this.waking ??= navigator.wakeLock?.request("screen").catch(() => null);
    this.awake = await this.waking;
    this.waking = null;
    if (this.ended) this.letSleep();
  }

  letSleep() {
    this.awake?.release().catch(() => {});
  }

  challengeForm() {
    const field = el("input", { class: "nhsuk-input nhsuk-input--width-10", id: "digits", inputmode: "numeric", autocomplete: "off", maxlength: 6, "aria-describedby": "digits-error" });
    const wrong = el("span", { class: "nhsuk-error-message", id: "digits-error" });
    const told = el("p", { class: "showing__answer" });
    const form = el("form", { class: "showing__digits", novalidate: true },
      el("label", { class: "nhsuk-label", for: "digits" }, "Digits on the checker's screen"), wrong,
      el("div", { class: "actions" }, field, el("button", { class: "button button--secondary" }, "Answer")), told);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const digits = field.value.trim();
      const good = isChallenge(digits);
      wrong.textContent = good ? "" : "Type the 4 to 6 digits, without spaces.";
      if (!good) return field.focus();
      this.challenge = digits;
      const { gate } = this;
      await this.again();
      if (gate !== this.gate || digits !== this.challenge) return; // others were typed, or another was chosen
      told.replaceChildren(`This code answers ${digits}. `, button("Back to the ordinary code", () => this.plain(told, field), "quiet"));
      await store.note("shown", { to: `The checker who gave the digits ${digits}`, about: shownFacts(this.said), issuer: gate.issuerName });
      announce(`The code now answers ${digits}`);
      this.stage.scrollIntoView({ block: "center" });
    });
    return el("details", { class: "details" }, el("summary", {}, "The checker gives me digits"), form);
  }

  async plain(told, field) {
    this.challenge = null;
    field.value = "";
    await this.again();
    if (this.challenge !== null) return;
    told.replaceChildren();
    this.head.querySelector("h1").focus();
  }

  warning() {
    const word = this.gate.status?.word;
    if (!word || word === "valid") return el("div");
    return notice("warn", el("p", {}, `The last check said: ${word}. A checker with a fresh list is told so, too.`));
  }

  others() {
    return this.gates.filter((gate) => gate !== this.gate).map((gate) =>
      button(`Show the one of ${gate.issuerName}`, () => this.take(gate), "quiet"));
  }

  terms() {
    return el("div", { class: "showing__terms" },
      el("p", { class: "muted" }, `Holds until ${day(this.said.expiresAt - 1)} (${ahead(this.said.expiresAt)}). Last refreshed ${when(this.gate.refreshedAt)}.`),
      el("a", { class: "button button--secondary", href: "#/" }, "Close"));
  }

  end() {
    this.ended = true;
    clearInterval(this.ticking);
    document.removeEventListener("visibilitychange", this.seen);
    this.letSleep();
  }
}

// What the code says, for the log: kinds of facts, not their values.
export function shownFacts({ facts: told }) {
  return [
    "name and role", told.face && "face", told.registration && "registration", told.dbs && "DBS check",
    told.training.length && "training",
  ].filter(Boolean);
}

// Showing something online: who asks, for what and why, what would be shown; then yes or no.

import { announce, button, el, facts, icon, notice, tag } from "./dom.js";
import { matches, plan } from "./dcql.js";
import { Trouble } from "./openid4vci.js";
import { answer, decline, outsideAgreement, requestOf } from "./openid4vp.js";
import * as sdJwt from "./sd_jwt.js";
import { linkForm } from "./wallet_link.js";
import * as store from "./wallet_store.js";
import { inWords } from "./wallet_deeds.js";
import { headline, labels, value } from "./wallet_words.js";

export function presentView(main, context) {
  main.append(el("h1", { tabindex: "-1" }, "Answer a request"));
  const stage = el("div");
  main.append(stage);
  if (context.request) open(stage, context.request, context);
  else ask(stage, context);
}

function ask(stage, context, wrong = "") {
  stage.replaceChildren(linkForm({
    label: "Link of the request", hint: "An employer shows it as a code on a screen, or sends it. You see what is asked for before anything is shown.",
    go: (text) => context.take(text, "present"), wrong,
  }));
}

async function open(stage, text, context) {
  stage.replaceChildren(el("p", { role: "status" }, "Asking who wants to know …"));
  try {
    const request = await requestOf(text);
    const held = await Promise.all((await store.all("credentials")).map(withClaims));
    const usable = held.filter(({ credential }) => credential.status.word !== "withdrawn");
    show(stage, request, matches(request.said.dcql_query, usable), context);
  } catch (problem) {
    context.forget();
    ask(stage, context, inWords(problem));
    if (stage.isConnected) announce(inWords(problem));
  }
}

async function withClaims(credential) {
  const read = await sdJwt.read(credential.copies[0].text);
  const [issuer, type] = await Promise.all([store.get("issuers", credential.issuer), store.get("types", credential.vct)]);
  return {
    credential, vct: credential.vct, claims: read.claims, hidden: read.hidden,
    label: labels(type?.metadata, issuer?.configurations[credential.configuration]),
  };
}

function show(stage, request, matched, context) {
  const found = matched.filter((one) => one.options.length);
  const { needed, optional, missing } = plan(request.said.dcql_query, found.map((one) => one.id));
  const end = () => {
    context.forget();
    location.hash = "#/";
  };
  const alone = oneAtATime();
  const no = button("Show nothing", () => alone(async () => {
    await decline(request);
    await store.note("refused", { to: whom(request), about: [request.title || "a request"] });
    end();
  }));
  const who = asker(request);
  if (outsideAgreement(request).length) {
    return stage.replaceChildren(who, notice("warn", el("p", {}, `They ask for more than ${request.agreement} permits. Nothing can be shown to them.`)), el("div", { class: "actions" }, no));
  }
  if (missing.length || !(needed.length || optional.length)) {
    return stage.replaceChildren(who, notice("warn", el("p", {}, "You do not hold all that they need. What is missing has to come from your organisation first.")), el("div", { class: "actions" }, no));
  }
  const parts = [...needed.map((id) => [id, true]), ...optional.map((id) => [id, false])]
    .map(([id, must]) => new Part(found.find((one) => one.id === id), must, permits(request, id)));
  const wrong = el("div", { role: "alert" });
  const yes = button("Show these", () => alone(() => give(stage, request, parts, wrong, context)), "primary");
  return stage.replaceChildren(who, el("h2", {}, "What would be shown"), ...parts.map((part) => part.element), wrong, el("div", { class: "action-bar" }, yes, no));
}

// Yes and no are one question: what is pressed while the other is on its way counts for nothing.
function oneAtATime() {
  let busy = false;
  return async (deed) => {
    if (busy) return;
    busy = true;
    await deed().finally(() => (busy = false));
  };
}

const permits = ({ agreement, clauses }, id) => (agreement ? `Permitted by ${agreement}, clause ${clauses[id]}` : "");
const whom = (request) => `${request.name} (${request.to.host})`;

function asker(request) {
  const known = request.to.host === location.host;
  return el("section", { class: "panel" },
    el("p", {}, el("strong", { class: "wallet-asker" }, request.name), " asks you to show something."),
    facts([
      ...(request.title ? [["For", request.title]] : []), ...(request.why ? [["Why", request.why]] : []),
      ...(request.basis ? [["On what basis", request.basis]] : []),
      ...(request.agreement ? [["Agreement", request.agreement]] : []),
      ...(request.keptHours ? [["Kept for", `${request.keptHours} hours, then only that you were checked`]] : []),
      ["Sent to", request.to.host], ["Signed by", request.certified || "no name"],
    ], "facts--tight"),
    known ? el("p", { class: "muted" }, "The service that this wallet belongs to.")
      : notice("warn", el("p", {}, `This wallet does not know ${request.to.host}. Go on only if you expected them to ask.`)));
}

// One credential of the request, with what of it can be left out.
class Part {
  constructor({ id, multiple, options }, must, permitted) {
    this.id = id;
    this.boxes = [];
    this.options = multiple ? options : options.slice(0, 1);
    this.take = must ? null : check(`give-${id}`, `Show: ${options[0].held.credential.name}`);
    this.element = el("section", { class: "panel" }, this.take?.element ?? null, permitted ? el("p", { class: "muted" }, permitted) : null, this.options.map((option, place) => this.shown(option, place)));
  }

  shown({ held, sets }, place) {
    const always = new Set(sets.reduce((common, set) => common.filter((name) => set.includes(name)), sets[0]));
    const maybe = [...new Set(sets.flat())].filter((name) => !always.has(name) && held.hidden.has(name));
    const open = Object.keys(held.claims).filter((name) => !held.hidden.has(name) || always.has(name));
    const boxes = maybe.map((name) => [name, check(`give-${this.id}-${place}-${name}`, `${held.label(name)}, if you like: `, value(name, held.claims[name], held.label(name)))]);
    this.boxes.push(boxes);
    const first = [...always].filter((name) => name in held.claims);
    const row = (name) => [held.label(name), value(name, held.claims[name], held.label(name))];
    return el("div", {}, el("h3", {}, held.credential.name, headline(held.claims) ? ` – ${headline(held.claims)}` : ""),
      facts(first.map(row), "facts--tight"), boxes.map(([, box]) => box.element),
      el("details", { class: "details" }, el("summary", {}, "What comes with it"), facts(open.filter((name) => !first.includes(name)).map(row), "facts--tight")));
  }

  // Held credential → names of the claims to show.
  chosen() {
    if (this.take && !this.take.box.checked) return [];
    return this.options.map(({ held, sets }, place) => {
      const off = new Set(this.boxes[place].filter(([, { box }]) => !box.checked).map(([name]) => name));
      return { held, names: sets.find((set) => set.every((name) => !off.has(name))) ?? sets.at(-1) };
    });
  }
}

function check(id, ...text) {
  const box = el("input", { class: "nhsuk-checkboxes__input", type: "checkbox", id, checked: true });
  return { box, element: el("div", { class: "nhsuk-checkboxes__item" }, box, el("label", { class: "nhsuk-label nhsuk-checkboxes__label", for: id }, ...text)) };
}

async function give(stage, request, parts, wrong, context) {
  wrong.replaceChildren();
  try {
    const presentations = {};
    const about = [];
    for (const part of parts) {
      for (const { held, names } of part.chosen()) {
        (presentations[part.id] ??= []).push(await presentation(held.credential, names, request));
        about.push(`${held.credential.name} (${names.map(held.label).join(", ") || "no details"})`);
      }
    }
    if (!about.length) throw new Trouble("Choose something to show, or show nothing.");
    const next = await answer(request, presentations);
    await store.note("presented", { to: whom(request), about });
    context.forget();
    done(stage, request, about, next);
    if (next && stage.isConnected) location.assign(next);
  } catch (problem) {
    wrong.replaceChildren(el("p", { class: "nhsuk-error-message" }, inWords(problem)));
  }
}

// By the copy that was shown least, so that two askers cannot tell that they saw the same one.
async function presentation(credential, names, request) {
  const copy = credential.copies.reduce((least, one) => (one.shown < least.shown ? one : least));
  await store.alter("credentials", credential.id, (kept) => {
    // What was read is shown, also where fresh copies have taken its place since.
    for (const one of kept.copies) one.shown += one.text === copy.text;
    return kept;
  });
  return sdJwt.present(copy.text, names, { pair: copy.pair, audience: request.asker, nonce: request.said.nonce });
}

function done(stage, request, about, next) {
  const heading = el("h2", { tabindex: "-1" }, "Shown");
  stage.replaceChildren(heading, el("p", {}, tag("Sent", "good", "full"), ` to ${whom(request)}. It stands in your log.`),
    el("ul", {}, about.map((words) => el("li", {}, words))),
    el("div", { class: "actions" }, next ? el("a", { class: "button button--primary", href: next }, icon("right"), `Back to ${request.name}`) : null,
      el("a", { class: "button button--secondary", href: "#/" }, "Your passport")));
  heading.focus();
  announce(`Shown to ${request.name}`);
}

// Collecting: from a link, a code on a screen or pasted text to credentials on the phone.

import { announce, button, el, notice } from "./dom.js";
import { linkForm } from "./wallet_link.js";
import { Trouble, metadataOf, offerOf } from "./openid4vci.js";
import { collectAll, gatesOf, inWords, kindName } from "./wallet_deeds.js";

export function collectView(main, context) {
  const { offer } = context;
  main.append(el("h1", { tabindex: "-1" }, "Collect your passport"));
  const stage = el("div");
  main.append(stage);
  if (offer) open(stage, offer, context);
  else ask(stage, context);
}

function ask(stage, context, wrong = "", text = "") {
  stage.replaceChildren(linkForm({
    label: "Link of the offer", hint: "From the message of your organisation. Opening the link on this phone does the same.",
    go: (found) => context.take(found, "collect"), wrong, text,
  }));
}

async function open(stage, text, context) {
  stage.replaceChildren(el("p", { role: "status" }, "Asking the issuer …"));
  try {
    const offer = await offerOf(text);
    const issuer = await metadataOf(offer.issuer, offer.server);
    if (!offer.names.some((name) => issuer.configurations[name])) {
      throw new Trouble("The issuer does not know what is on offer. Ask for a new offer.", "bad_offer");
    }
    show(stage, offer, issuer, context);
  } catch (problem) {
    context.forget();
    const pasted = problem.code === "unreachable" ? text : "";
    ask(stage, context, inWords(problem), pasted);
    if (stage.isConnected) announce(inWords(problem));
  }
}

// What is on offer, to be taken in one tap or in part.
function show(stage, offer, issuer, context) {
  const gates = gatesOf(issuer);
  const kinds = kindsOf(issuer, offer.names.filter((name) => issuer.configurations[name] && !gates.includes(name)));
  const boxes = kinds.map(([, names], place) => ({ names, box: el("input", { class: "nhsuk-checkboxes__input", type: "checkbox", id: `take-${place}`, checked: true }) }));
  const items = kinds.map(([kind, names], place) => el("div", { class: "nhsuk-checkboxes__item" }, boxes[place].box,
    el("label", { class: "nhsuk-label nhsuk-checkboxes__label", for: `take-${place}` }, names.length > 1 ? `${kind} (${names.length})` : kind)));
  const code = offer.txCode ? codeField(offer.txCode) : null;
  const wrong = el("div", { id: "collect-error" });
  const submit = el("button", { class: "button button--primary" }, "Add all");
  const left = el("p", { class: "muted", hidden: true }, "What you leave out stays on offer. Say why at ", el("a", { href: "/my-passport" }, "My passport"), " if something in it is wrong.");
  const form = el("form", { novalidate: true, class: "form" },
    el("p", { class: "lead" }, el("strong", {}, issuer.name), " offers you:"),
    el("fieldset", { class: "nhsuk-fieldset nhsuk-form-group" }, el("legend", { class: "visually-hidden" }, "What to add"), items),
    gates.length ? el("p", { class: "muted" }, "With it comes the code to show at a door.") : null,
    left, code?.group ?? null, wrong, el("div", { class: "actions" }, submit, button("Not now", () => {
      context.forget();
      ask(stage, context);
    }, "quiet")));
  form.addEventListener("change", () => {
    const all = boxes.every(({ box }) => box.checked);
    submit.textContent = all ? "Add all" : "Add these";
    left.hidden = all;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const names = boxes.filter(({ box }) => box.checked).flatMap((one) => one.names);
    const missing = boxes.length && !names.length ? "Choose at least one." : code?.wrong() ?? "";
    wrong.replaceChildren(...(missing ? [error(missing)] : []));
    if (missing) return void (code ?? boxes[0]).box?.focus();
    await add(stage, { offer, issuer, names, txCode: code?.box.value.trim() }, { submit, wrong }, context);
  });
  stage.replaceChildren(form);
  announce(`${issuer.name} offers ${kinds.length}`);
}

const error = (words) => el("p", { class: "nhsuk-error-message", role: "alert" }, words);

// What is on offer by kind: several of one kind are one line.
function kindsOf(issuer, names) {
  const found = new Map();
  for (const name of names) {
    const kind = kindName(issuer, name);
    found.set(kind, [...(found.get(kind) ?? []), name]);
  }
  return [...found];
}

function codeField(asked) {
  const digits = asked.input_mode !== "text";
  const box = el("input", { class: "nhsuk-input nhsuk-input--width-10", id: "tx-code", autocomplete: "one-time-code", inputmode: digits ? "numeric" : "text", maxlength: asked.length, "aria-describedby": "tx-hint collect-error" });
  const group = el("div", { class: "nhsuk-form-group" },
    el("label", { class: "nhsuk-label", for: "tx-code" }, "Your code"),
    el("span", { class: "nhsuk-hint", id: "tx-hint" }, asked.description ?? "You were given it apart from the link."), box);
  const wrong = () => {
    const text = box.value.trim();
    if (!text) return "Type the code that you were given apart from the link.";
    if (digits && !/^[0-9]+$/.test(text)) return "The code is digits only.";
    if (asked.length && text.length !== asked.length) return `The code has ${asked.length} ${digits ? "digits" : "characters"}.`;
    return "";
  };
  return { box, group, wrong };
}

async function add(stage, { offer, issuer, names, txCode }, { submit, wrong }, context) {
  submit.setAttribute("aria-busy", "true");
  submit.disabled = true;
  try {
    const told = (done, of) => announce((submit.textContent = `Adding ${Math.min(done + 1, of)} of ${of} …`));
    const { added, failed } = await collectAll(issuer, offer, names, txCode, told);
    context.forget();
    if (stage.isConnected) done(stage, issuer, added, failed);
    else context.collected();
  } catch (problem) {
    submit.textContent = "Try again";
    wrong.replaceChildren(error(inWords(problem)));
  } finally {
    submit.removeAttribute("aria-busy");
    submit.disabled = false;
  }
}

function done(stage, issuer, added, failed) {
  const gate = added.some((one) => one.isGate);
  const heading = el("h2", { tabindex: "-1" }, added.length ? `${added.length} added` : "Nothing was added");
  stage.replaceChildren(heading,
    el("ul", { class: "reasons" }, counted(added).map((words) => el("li", {}, words))),
    ...failed.map(({ name, words }) => notice("bad", el("p", {}, el("strong", {}, `${name}: `), words))),
    el("div", { class: "actions" },
      gate ? el("a", { class: "button button--primary", href: "#/show" }, "Show my passport") : null,
      el("a", { class: "button button--secondary", href: "#/" }, "See what it says")));
  heading.focus();
  announce(`${added.length} added from ${issuer.name}`);
}

function counted(added) {
  const found = new Map();
  for (const { name } of added) found.set(name, (found.get(name) ?? 0) + 1);
  return [...found].map(([name, count]) => (count > 1 ? `${name} (${count})` : name));
}

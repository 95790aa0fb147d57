// Draws a verdict: in words first, then the face and the name, what to do and whom to ring, each
// fact with who says so and when, how old each list is, and what was not checked.

import { base64url } from "./bytes.js";
import { button, el, facts } from "./dom.js";
import { contact } from "./verify_lists.js";
import * as words from "./verify_words.js";

const HEADLINES = {
  green: ["Confirmed", "The passport is genuine, live and fresh."],
  amber: ["Check first", "The passport is genuine, but one thing needs a person."],
  red: ["Not confirmed", "Do not rely on what was shown."],
};
const MARKS = { green: "✓", amber: "!", red: "✕" };
export const DECISIONS = {
  admitted: "Let in",
  supervised: "Let in, supervised",
  turned_away: "Turned away",
};
const HR = "HR office";

// `found` is the verdict; `about` what this device knows beside it: expected, clocks, ages, who.
export function verdictView(found, about, { decide, again }) {
  const [word, sentence] = HEADLINES[found.outcome];
  return el("section", { class: `verdict verdict--${found.outcome}`, "aria-labelledby": "verdict", "data-outcome": found.outcome },
    el("div", { class: "verdict__head" },
      found.face && el("img", { class: "verdict__face", alt: "The face that the issuer signed: compare it with the person", src: picture(found.face) }),
      el("div", {},
        el("p", { class: "verdict__word" }, el("span", { "aria-hidden": "true", class: "verdict__mark" }, MARKS[found.outcome]), word),
        el("h1", { id: "verdict", tabindex: "-1", class: "verdict__name" }, found.name ?? "Nobody’s name is proven"),
        el("p", {}, sentence))),
    toDo(found, about),
    here(about),
    el("div", { class: "panel" }, decisions(about, decide), el("p", { class: "actions" }, button("Check the next person", again, "primary"))),
    found.facts.length > 0 && factList(found, about),
    limits(found, about));
}

const picture = (face) => `data:image/webp;base64,${base64url(face).replaceAll("-", "+").replaceAll("_", "/")}`;

// The first of the worst findings says what to do; the others are listed behind it.
function toDo(found, about) {
  if (found.findings.length === 0) return null;
  const worst = found.findings.find((one) => one.outcome === found.outcome);
  const rest = found.findings.filter((one) => one !== worst);
  return el("div", { class: "verdict__act" },
    el("p", {}, worst.detail),
    about.clocks && el("p", {}, about.clocks),
    el("p", { class: "verdict__instruction", "data-code": worst.code }, el("strong", {}, worst.act)),
    el("p", {}, `Contact: ${whom(worst, about)}`),
    rest.length > 0 && el("ul", {}, rest.map((one) => el("li", { "data-code": one.code }, `${one.detail} ${one.act}`))));
}

function whom(finding, { issuer, me }) {
  if (finding.act.includes(HR) && issuer) return contact(issuer.ods) || `HR office, ${issuer.name}`;
  return contact(me.ods) || (me.organisation ? `bank office, ${me.organisation}` : "your own staff bank office");
}

function here({ expected }) {
  if (!expected) return null;
  const tone = expected.tone === "good" ? "good" : "warn";
  return el("p", { class: `notice notice--${tone}`, "data-expected": expected.code }, expected.text);
}

function decisions({ me, recorded }, decide) {
  if (!me.as) return el("p", { class: "muted" }, "Nobody is signed in here: this check is not recorded and nothing of it is kept.");
  const outcome = el("p", { role: "status", "data-recorded": "" }, recorded);
  const row = el("p", { class: "actions" });
  let decided = false; // the first one stands, as on the record
  row.append(...Object.entries(DECISIONS).map(([code, text]) => button(text, async () => {
    if (decided) return;
    decided = true;
    outcome.textContent = await decide(code);
    row.remove();
  }, code === "turned_away" ? "warning" : "secondary")));
  return [el("h2", {}, "What did you do?"), row, outcome];
}

function factList(found, { now }) {
  return el("div", { class: "panel" },
    el("h2", {}, "What it says, and who says so"),
    facts(found.facts.map((fact) => [
      words.kind(fact.kind),
      el("span", { class: "verdict__fact" }, words.says(fact)),
      el("span", { class: "muted verdict__by" }, fact.checked ? `${fact.by} · ${words.day(fact.checked, now)}` : fact.by),
    ])));
}

function limits(found, about) {
  const notChecked = about.expected?.code === "known"
    ? found.notChecked.filter((one) => !one.startsWith("whether a shift"))
    : found.notChecked;
  return el("details", { class: "verdict__limits", open: true },
    el("summary", {}, "What was checked, and what was not"),
    found.checked.length > 0 && el("p", {}, `Checked on this device: ${found.checked.join(", ")}.`),
    about.ages && el("p", { "data-ages": "" }, about.ages),
    notChecked.length > 0 && el("p", {}, `Not checked: ${notChecked.join(", ")}.`));
}

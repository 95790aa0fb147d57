// What somebody typed outlives a sign-in that ran out, a page that was out of date and a deed that
// was refused. It waits in this tab, is put back once, for the same person at the same place, and is
// forgotten with the first page on which work goes on.

const KEY = "typed";
const LONGEST = 60 * 60 * 1000;
const CHECKED = ["checkbox", "radio"];
const NEVER = ["hidden", "password", "file", "submit", "button", "reset", "image"];
const { who } = document.documentElement.dataset;

// A code that is live, or proves who somebody is, is marked as not to be completed.
const fieldsOf = (form) => [...form.elements].filter((field) => field.matches("input[name], select[name], textarea[name]") && !NEVER.includes(field.type)
  && !["off", "one-time-code"].includes(field.getAttribute("autocomplete")));

function keep(event) {
  const form = event.target;
  const fields = who && form.method === "post" ? fieldsOf(form).map(({ name, value, checked }) => ({ name, value, checked })) : [];
  if (fields.length) store({ who, action: form.getAttribute("action"), at: Date.now(), fields });
}

function store(kept) {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch { /* no storage, or it is full: the form is typed again */ }
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function putBack(kept) {
  const form = [...document.forms].find((one) => one.getAttribute("action") === kept.action);
  const free = new Set(form ? fieldsOf(form) : []);
  const back = kept.fields.filter(({ name, value, checked }) => {
    const field = [...free].find((one) => one.name === name && (!CHECKED.includes(one.type) || one.value === value));
    free.delete(field);
    return field && fill(field, value, checked);
  });
  if (back.length) say("What you typed is back. It was not done: look at it, then send it again.");
}

function fill(field, value, checked) {
  const is = CHECKED.includes(field.type);
  if (is ? field.checked === checked : field.value === value) return false;
  if (is) field.checked = checked;
  else field.value = value;
  for (let drawer = field.closest("details"); drawer; drawer = drawer.parentElement.closest("details")) drawer.open = true;
  return field.dispatchEvent(new Event("change", { bubbles: true }));
}

function say(words) {
  const note = document.createElement("p");
  note.className = "notice notice--info";
  note.textContent = words;
  document.querySelector("main").prepend(note);
  document.getElementById("live").textContent = words;
}

document.addEventListener("submit", keep, { capture: true });

const kept = stored();
if (kept && !who) store({ ...kept, stopped: true });
if (kept && who) {
  store(null);
  if (kept.stopped && kept.who === who && Date.now() - kept.at < LONGEST) putBack(kept);
}

// A barcode gun types fast and ends with Enter, wherever the focus is.

import { PREFIX } from "./gate.js";

const PAUSE = 2000; // of a machine that is slow; what is typed counts only from SP1: on

// `taken` is given the text of a gate code that was typed outside of any field.
export function listen(taken) {
  let gun = { text: "", at: 0 };
  document.addEventListener("keydown", async (event) => {
    if (event.target.matches?.("input, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = performance.now();
    if (now - gun.at > PAUSE) gun.text = "";
    gun.at = now;
    if (event.key.length === 1) gun.text += event.key;
    if (gun.text.length > 3 && (event.key === " " || event.key === "/")) event.preventDefault();
    const text = gun.text.slice(Math.max(0, gun.text.indexOf(PREFIX)));
    if (event.key !== "Enter" || !text.startsWith(PREFIX)) return;
    event.preventDefault();
    gun = { text: "", at: 0 };
    await taken(text, now);
  });
}

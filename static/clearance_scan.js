// The clearance desk's scanner: the camera or a barcode gun fills in the form and sends it. Without
// this file the text of the code is typed or pasted.

import { listen } from "./passport/barcode_gun.js";
import { button, el } from "./passport/dom.js";
import { NoReader, fromCamera, fromPicture } from "./passport/verify_camera.js";

const NO_READER = "This installation has no reader of QR codes. Use a barcode gun, or paste the text of the code.";

const form = document.querySelector("[data-scan]");
const place = form.querySelector("[data-scene]");

function send(text) {
  form.elements.text.value = text;
  form.requestSubmit();
}

function trouble(text) {
  place.replaceChildren(el("p", { class: "notice notice--bad", role: "alert" }, text));
}

async function byCamera() {
  try {
    const found = await fromCamera(place);
    if (found) send(found.text);
  } catch (problem) {
    trouble(problem instanceof NoReader ? NO_READER
      : problem?.name === "NotAllowedError" ? "The camera is not allowed here. Allow it in the browser’s settings, or use a picture."
        : "There is no camera that can be used. Use a picture, a barcode gun, or paste the text of the code.");
  }
}

function byPicture() {
  const input = el("input", { type: "file", accept: "image/*", id: "picture", class: "visually-hidden" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      const text = await fromPicture(file);
      if (text === null) trouble("No code was found in this picture. Take it from closer, with all four corners in it.");
      else send(text);
    } catch (problem) {
      trouble(problem instanceof NoReader ? NO_READER : "This is not a picture that can be read.");
    } finally {
      input.value = "";
    }
  });
  return el("span", {}, input, el("label", { for: "picture", class: "button button--secondary" }, "Use a picture"));
}

place.before(el("p", { class: "actions" },
  button("Scan with the camera", byCamera, "primary", { class: "button button--primary verify-scan" }),
  byPicture()));
const typed = form.querySelector("details");
if (typed && !form.querySelector(".nhsuk-error-message")) typed.open = false;
listen(send);
form.dataset.scanner = "1";

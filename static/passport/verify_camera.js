// Reads one QR code from the camera or from a picture. Frames are decoded in a worker, one at a
// time and never queued, so that what is read is what the camera sees now.

import { button, el } from "./dom.js";
import { ownScript } from "./verify_scripts.js";

const MISSES = 10; // before the slower reader is asked too
const MANY_MISSES = 60; // before the person is told to come closer
const native = globalThis.BarcodeDetector
  ? new globalThis.BarcodeDetector({ formats: ["qr_code"] })
  : null;

let worker = null;
let count = 0;
const waiting = new Map();

export class NoReader extends Error {}

function decode(bitmap, engines) {
  if (!worker) {
    worker = new Worker(ownScript("/verify/decoder.js"), { type: "module" });
    worker.addEventListener("message", ({ data }) => {
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.missing) reject(new NoReader());
      else resolve(data.text);
    });
    worker.addEventListener("error", () => {
      for (const { reject } of waiting.values()) reject(new NoReader());
      waiting.clear();
      worker = null;
    });
  }
  count += 1;
  const id = count;
  worker.postMessage({ id, bitmap, engines }, [bitmap]);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

// The text of a picture's QR code, or null.
export async function fromPicture(file) {
  return decode(await createImageBitmap(file), ["qr", "zxing"]);
}

// Resolves to {text, at}: the text, and when its frame was taken (performance.now()); null where
// the person stopped. Rejects where there is no camera or no reader.
export async function fromCamera(place) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
  });
  const video = el("video", { class: "scan__video", playsinline: true, "aria-label": "What the camera sees" });
  video.muted = true;
  video.srcObject = stream;
  const scene = { stopped: false };
  const hint = el("p", { role: "status" }, "Hold the code in the middle of the picture.");
  const stop = button("Stop the camera", () => (scene.stopped = true));
  place.replaceChildren(el("div", { class: "scan" }, video, hint, el("p", { class: "actions" }, stop, torch(stream))));
  stop.focus();
  try {
    await video.play();
    return await watch(video, place, scene, hint);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    place.replaceChildren();
  }
}

async function watch(video, place, scene, hint) {
  for (let misses = 0; !scene.stopped && place.isConnected; misses += 1) {
    await nextFrame(video);
    const at = performance.now();
    const text = await ofFrame(video, misses);
    // What a frame of before says is nothing to somebody who stopped, or checked another way.
    if (text !== null && !scene.stopped && place.isConnected) return { text, at };
    if (misses === MANY_MISSES) hint.textContent = "No code found yet. Move closer, and keep still.";
  }
  return null;
}

async function ofFrame(video, misses) {
  if (native) {
    const [found] = await native.detect(video).catch(() => []);
    if (found) return found.rawValue;
  }
  return decode(await createImageBitmap(video), misses < MISSES ? ["qr"] : ["qr", "zxing"]);
}

// A camera that was stopped or covered gives no frame: look again after a while all the same.
function nextFrame(video) {
  return new Promise((resolve) => {
    setTimeout(resolve, 500);
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(resolve);
    else setTimeout(resolve, 60);
  });
}

function torch(stream) {
  const [track] = stream.getVideoTracks();
  if (!track.getCapabilities?.().torch) return null;
  const light = button("Light on", async () => {
    const on = light.getAttribute("aria-pressed") !== "true";
    await track.applyConstraints({ advanced: [{ torch: on }] });
    light.setAttribute("aria-pressed", String(on));
  }, "secondary", { "aria-pressed": "false" });
  return light;
}

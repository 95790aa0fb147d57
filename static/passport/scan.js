// Reads one QR code from the camera: an offer or a request on somebody's screen.

import decodeQR from "../vendor/qr/decode.js";
import { button, el } from "./dom.js";

const PAUSE = 120;
const WIDEST = 1280;

// Resolves to the text, or to null where the person stopped. Rejects where there is no camera.
export async function scan(place) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
  });
  const video = el("video", { class: "scan__video", playsinline: true, "aria-label": "What the camera sees" });
  video.muted = true;
  video.srcObject = stream;
  let stopped = false;
  const stop = button("Stop scanning", () => (stopped = true));
  place.replaceChildren(el("div", { class: "scan" }, video, el("p", {}, "Hold the code in the middle, and move closer if nothing happens."), stop));
  stop.focus();
  try {
    await video.play();
    const canvas = document.createElement("canvas");
    while (!stopped && place.isConnected) {
      const found = frame(video, canvas);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    place.replaceChildren();
  }
}

function frame(video, canvas) {
  if (!video.videoWidth) return null;
  const scale = Math.min(1, WIDEST / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(drawing.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return null;
  }
}

// A worker that finds a QR code in a picture: `qr` first, zxing where that finds none for a while.
// Both are third-party files that an installation may be without.

const [READER, WASM] = ["../vendor/zxing-wasm/es/reader/index.js", "../vendor/zxing-wasm/reader/zxing_reader.wasm"];
const WIDEST = 1600;

const loaded = {};
const decoders = {
  async qr() {
    const { default: decodeQR } = await import("../vendor/qr/decode.js");
    return (picture) => {
      try {
        return decodeQR(picture);
      } catch {
        return null;
      }
    };
  },
  async zxing() {
    const { prepareZXingModule, readBarcodes } = await import(READER);
    const locateFile = () => new URL(WASM, import.meta.url).pathname;
    await prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    return async (picture) => {
      const found = await readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
      return found.find((one) => one.isValid)?.text ?? null;
    };
  },
};

const canvas = new OffscreenCanvas(1, 1);
const drawing = canvas.getContext("2d", { willReadFrequently: true });

function pixels(bitmap) {
  const scale = Math.min(1, WIDEST / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return drawing.getImageData(0, 0, canvas.width, canvas.height);
}

// {id, bitmap, engines} → {id, text, missing}: the text or null, and whether no engine is there at
// all. Where those that are asked for are missing, the others are tried.
addEventListener("message", async ({ data: { id, bitmap, engines } }) => {
  const picture = pixels(bitmap);
  let missing = true;
  let text = null;
  for (const engine of new Set([...engines, ...Object.keys(decoders)])) {
    if (!missing && !engines.includes(engine)) break;
    loaded[engine] ??= decoders[engine]().catch(() => null);
    const decode = await loaded[engine];
    if (!decode) continue;
    missing = false;
    text = await decode(picture);
    if (text !== null) break;
  }
  postMessage({ id, text, missing });
});

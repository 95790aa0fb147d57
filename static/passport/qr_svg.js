// A QR code as one SVG path, black on white whatever the page's colours, made by DOM calls.

import encodeQR from "../vendor/qr/index.js";
import { svg } from "./dom.js";

const QUIET = 4; // modules of white around it (ISO/IEC 18004)
export const LARGEST = 25; // a hospital's old camera reads no larger one at arm's length

// The modules of base45 text, at level M, or at L where M would be larger than version 25.
export function modules(text) {
  for (const ecc of ["medium", "low"]) {
    const found = encodeQR(text, "raw", { ecc, encoding: "alphanumeric", border: 1 });
    const rows = found.slice(1, -1).map((row) => row.slice(1, -1));
    const version = (rows.length - 17) / 4;
    if (version <= LARGEST) return { rows, version, level: ecc === "medium" ? "M" : "L" };
  }
  throw new RangeError("too much for a code that can be read");
}

export function draw({ rows, version, level }, label) {
  const size = rows.length + 2 * QUIET;
  let path = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x += 1;
      path += `M${start + QUIET} ${y + QUIET}h${x - start + 1}v1h-${x - start + 1}z`;
    }
  });
  return svg("svg", {
    class: "code", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label,
    "shape-rendering": "crispEdges", "data-version": version, "data-level": level,
  }, svg("rect", { width: size, height: size, fill: "#fff" }), svg("path", { d: path, fill: "#000" }));
}

// Builds pages by DOM calls alone: no text is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

// el("p", { class: "muted" }, "Text ", el("b", {}, "bold")); `on…` are listeners; a property that
// is false, null or undefined is left out, and so is such a child.
export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Decorative: always beside the words it stands for.
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true", focusable: "false" }, svg("use", { href: `/static/icons/icons.svg#${name}` }));
}

export const tag = (text, tone = "plain", mark = "") => el("strong", { class: `tag tag--${tone}${mark && ` tag--${mark}`}` }, text);

export const notice = (tone, ...children) => el("div", { class: `notice notice--${tone}` }, ...children);

// Rows of label and value.
export function facts(rows, kind = "") {
  return el("dl", { class: `facts ${kind}` }, rows.map(([label, ...value]) =>
    el("div", { class: "facts__row" }, el("dt", {}, label), el("dd", {}, ...value))));
}

// A button that is busy while its deed runs, so that no tap is doubled.
export function button(text, deed, kind = "secondary", more = {}) {
  const made = el("button", { type: "button", class: `button button--${kind}`, ...more }, text);
  made.addEventListener("click", async (event) => {
    if (made.hasAttribute("aria-busy")) return;
    made.setAttribute("aria-busy", "true");
    try {
      await deed(event);
    } finally {
      made.removeAttribute("aria-busy");
    }
  });
  return made;
}

// Said to screen readers without moving the focus.
export function announce(text) {
  document.getElementById("live").textContent = text;
}

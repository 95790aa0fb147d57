// Keys for the week grid. Arrows move between cells; Enter opens a cell's only link or steps in;
// Esc steps out; n posts, / searches, ? lists the keys. Single keys can be turned off in the
// account's settings (data-no-shortcuts). Without this file the grid is a table of links.

for (const grid of document.querySelectorAll("table[data-grid]")) start(grid);

function start(grid) {
  const rows = [...grid.tBodies[0].rows].map((row) => [...row.cells]);
  if (!rows.length) return;
  const links = (cell) => [...cell.querySelectorAll("a")];
  let here = rows[0][1];

  grid.setAttribute("role", "grid");
  for (const cell of rows.flat()) {
    cell.tabIndex = -1;
    cell.setAttribute("role", cell.matches("th") ? "rowheader" : "gridcell");
    links(cell).forEach((link) => (link.tabIndex = -1));
  }
  here.tabIndex = 0;
  grid.closest(".scroller").removeAttribute("tabindex");

  function go(cell) {
    if (!cell) return;
    here.tabIndex = -1;
    here = cell;
    here.tabIndex = 0;
    here.focus();
    here.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function place() {
    const row = rows.findIndex((cells) => cells.includes(here));
    return [row, rows[row].indexOf(here)];
  }

  function step(event) {
    const [row, column] = place();
    const last = rows[row].length - 1;
    return {
      ArrowRight: () => rows[row][column + 1],
      ArrowLeft: () => rows[row][column - 1],
      ArrowDown: () => rows[row + 1]?.[column],
      ArrowUp: () => rows[row - 1]?.[column],
      Home: () => (event.ctrlKey ? rows[0] : rows[row])[1],
      End: () => (event.ctrlKey ? rows.at(-1) : rows[row])[last],
    }[event.key];
  }

  function inside(event) {
    const all = links(here);
    const at = all.indexOf(document.activeElement);
    const moves = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    if (event.key === "Escape") return go(here), true;
    if (!(event.key in moves)) return false;
    all.at((at + moves[event.key]) % all.length).focus();
    return true;
  }

  function enter() {
    const all = links(here);
    if (all.length === 1) all[0].click();
    else all[0]?.focus();
  }

  grid.addEventListener("focusin", (event) => {
    const cell = event.target.closest("tbody > tr > *");
    if (!cell || cell === here) return;
    here.tabIndex = -1;
    here = cell;
    here.tabIndex = 0;
  });

  grid.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || !event.target.closest("tbody")) return;
    let done = event.target !== here && inside(event);
    if (!done && event.target === here) {
      const next = step(event);
      if (next) go(next());
      if (event.key === "Enter") enter();
      done = Boolean(next) || event.key === "Enter";
    }
    if (done) event.preventDefault();
  });

  if (!("noShortcuts" in grid.dataset)) shortcuts(() => here);
}

function shortcuts(cell) {
  const deeds = {
    n: () => cell().querySelector(".slot--new")?.click(),
    "/": () => document.querySelector("[type=search], [role=search] input")?.focus(),
    "?": () => {
      const keys = document.querySelector("[data-grid-keys]");
      keys.open = !keys.open;
      if (keys.open) keys.scrollIntoView({ block: "nearest" });
    },
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !(event.key in deeds)) return;
    event.preventDefault();
    deeds[event.key]();
  });
}

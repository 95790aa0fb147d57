// The page that waits for a wallet shows what came of it by itself. Without this it is reloaded.

const EVERY_MS = 2000;
const waiting = document.querySelector("[data-state-url]");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(waiting.dataset.stateUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { state } = await answer.json();
    if (state !== waiting.dataset.state) location.reload();
  } catch {
    // No network: the next look tries again.
  }
}

if (waiting) setInterval(look, EVERY_MS);

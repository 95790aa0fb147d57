// The page that waits for a wallet shows what came of it by itself. Without this it is reloaded.

const EVERY_MS = 2000;
const waiting = document.querySelector("[data-state-url]");

async function hasChanged() {
  if (document.hidden) return false;
  try {
    const answer = await fetch(waiting.dataset.stateUrl, { headers: { Accept: "application/json" } });
    return answer.ok && (await answer.json()).state !== waiting.dataset.state;
  } catch {
    return false; // No network: the next look tries again.
  }
}

// One look after the other, and one reload: another would begin a slow one anew, again and again.
async function look() {
  if (await hasChanged()) location.reload();
  else setTimeout(look, EVERY_MS);
}

if (waiting) setTimeout(look, EVERY_MS);

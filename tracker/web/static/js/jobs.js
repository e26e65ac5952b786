// Follows exports that are being built: asks how far they are, and opens the page anew once one has come to another state.
export function jobs(root) {
  for (const holder of root.querySelectorAll("[data-job]")) follow(holder);
}

async function follow(holder) {
  const most = 1000 * Number(holder.dataset.every || 1);
  // Soon at first: a small export is done before anybody has read the page.
  for (let pause = 300; ; pause = Math.min(2 * pause, most)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    // Nobody looks; whoever comes back sees the next answer within a moment.
    if (document.hidden) continue;
    const told = await ask(holder.dataset.job);
    if (told?.state && told.state !== holder.dataset.state) {
      window.location.reload();
      return;
    }
    if (told?.state) show(holder, told);
    else if (told) return;
  }
}

// Null when the server cannot be reached just now; without a state when it will not tell any more.
async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok || answer.status >= 500 ? await answer.json() : {};
  } catch {
    return null;
  }
}

function show(holder, told) {
  const bar = holder.querySelector("progress");
  if (told.total) Object.assign(bar, { max: told.total, value: told.done });
  else bar.removeAttribute("value");
  holder.querySelector("[data-said]").textContent = told.words;
}

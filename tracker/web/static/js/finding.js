// A list fetched into a dialog: a link opens it, its search box narrows it. Without script the link leads to a page of its own.
const PAUSE = 250;

export function finding(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-finds]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      start(root.getElementById(link.dataset.finds), link.href);
    }
    if (event.target.closest("dialog [data-closes-found]")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    }
  });
}

async function start(dialog, address) {
  const found = await ask(address);
  if (!found) {
    window.location.assign(address);
    return;
  }
  dialog.querySelector("[data-found]").replaceChildren(found);
  listen(found);
  dialog.showModal();
  found.querySelector("[data-refind] input").focus();
}

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const found = page?.getElementById("found") ?? null;
  found?.querySelector("form[method=post]").setAttribute("data-quiet", "");
  return found && document.importNode(found, true);
}

function listen(found) {
  const form = found.querySelector("[data-refind]");
  const box = form.querySelector("input");
  let wait = 0;
  let last = 0;
  const search = async () => {
    clearTimeout(wait);
    last += 1;
    const turn = last;
    const fresh = await ask(`${form.action}?q=${encodeURIComponent(box.value)}`);
    if (fresh && turn === last) replace(found, fresh);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  box.addEventListener("input", (event) => {
    clearTimeout(wait);
    if (!event.isComposing) wait = setTimeout(search, PAUSE);
  });
  box.addEventListener("compositionend", search);
}

// What was ticked before another search stays in the list.
function replace(found, fresh) {
  const ticked = [...found.querySelectorAll("li:has(input:checked:enabled)")];
  const list = fresh.querySelector("ul");
  for (const line of ticked.reverse()) {
    list.querySelector(`li:has(input[value="${line.querySelector("input").value}"])`)?.remove();
    list.prepend(line);
  }
  found.querySelector("form[method=post]").replaceWith(fresh.querySelector("form[method=post]"));
}

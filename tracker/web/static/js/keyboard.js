// ↑ ↓ j k walk through the rows, Enter opens (the row's own link), x selects, / finds, Ctrl+K searches, ? helps.
const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

export function keyboard(root) {
  root.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return take(event, () => enter(root, "[data-seek]"));
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
    if (event.key === "Escape" && event.target.matches("input[type=search]")) return event.target.blur();
    if (busy(root, event.target)) return undefined;
    if (event.key in STEPS) return move(root, event, STEPS[event.key]);
    if (event.key === "x") return pick(event);
    if (event.key === "/") return take(event, () => enter(root, "input[data-find]") || enter(root, "[data-seek]"));
    if (event.key === "?") return take(event, () => root.getElementById("keys").showModal());
    return undefined;
  });
  root.addEventListener("click", openRow);
}

function busy(root, target) {
  if (root.querySelector("dialog[open]") || target.closest("details[open]")) return true;
  return target.matches("textarea, select, [contenteditable], input:not([type=checkbox])");
}

function take(event, action) {
  event.preventDefault();
  action();
}

function enter(root, selector) {
  const box = root.querySelector(selector);
  box?.focus();
  box?.select();
  return box;
}

function move(root, event, step) {
  const links = [...root.querySelectorAll("table[data-rows] .row-link")];
  if (!links.length) return;
  const now = root.activeElement?.closest("tr")?.querySelector(".row-link");
  const at = links.indexOf(now);
  event.preventDefault();
  const next = links[at < 0 ? 0 : Math.max(0, Math.min(at + step, links.length - 1))];
  next.focus({ preventScroll: true });
  next.closest("tr").scrollIntoView({ block: "nearest" });
}

function pick(event) {
  const box = event.target.closest("tr")?.querySelector("[data-pick]");
  if (box) take(event, () => box.click());
}

// A click on the empty part of a row opens it, unless text is being selected.
function openRow(event) {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.defaultPrevented || event.target.closest("a, button, input, label, select, summary, .pick")) return;
  if (String(window.getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else row.querySelector(".row-link")?.click();
}

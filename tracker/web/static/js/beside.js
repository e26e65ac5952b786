// Anchor and obligation light up together, and the index says which clause is being read.
export function beside(root) {
  for (const sheet of root.querySelectorAll("[data-beside]")) {
    for (const [kind, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
      sheet.addEventListener(kind, (event) => light(sheet, event.target.closest("[data-of]"), on));
    }
    follow(sheet);
    window.addEventListener("hashchange", () => aim(sheet));
    aim(sheet);
  }
  fold(root);
}

function light(sheet, from, on) {
  if (!from) return;
  const ids = from.dataset.of.split(" ");
  // From a piece that several anchors share, the one it leads to.
  const id = ids[ids.length - 1];
  for (const element of sheet.querySelectorAll(`[data-of~="${CSS.escape(id)}"]`)) element.classList.toggle("lit", on);
}

// An anchor may be cut into several pieces by others; a fragment of the address marks the first alone.
function aim(sheet) {
  for (const piece of sheet.querySelectorAll(".aimed")) piece.classList.remove("aimed");
  const id = window.location.hash.slice(1);
  if (id) for (const piece of sheet.querySelectorAll(`.anchor[data-of~="${CSS.escape(id)}"]`)) piece.classList.add("aimed");
}

// The clause that is being read is marked in the index.
function follow(sheet) {
  const links = new Map([...sheet.querySelectorAll(".clause-index a")].map((link) => [link.hash.slice(1), link]));
  let now = null;
  const watch = new IntersectionObserver((entries) => {
    const reached = entries.filter((entry) => entry.isIntersecting).pop();
    const link = reached && links.get(reached.target.id);
    if (!link || link === now) return;
    now?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    now = link;
  }, { rootMargin: "-100px 0px -70% 0px" });
  for (const heading of sheet.querySelectorAll("h3[id]")) watch.observe(heading);
}

// On a narrow screen the index would push the text off the first page.
function fold(root) {
  if (!window.matchMedia("(max-width: 980px)").matches) return;
  for (const index of root.querySelectorAll(".clause-index")) index.open = false;
}

// Closes an open menu on a click elsewhere and on Escape; arrows walk through it.
export function menus(root) {
  const opened = () => root.querySelectorAll("details[data-menu][open]");
  root.addEventListener("click", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu][open]");
    if (event.key === "Escape") {
      for (const one of opened()) one.open = false;
      menu?.querySelector("summary").focus();
    }
    if (menu && !event.target.matches("input, select") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      walk(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });
}

function walk(menu, step) {
  const stops = [...menu.querySelectorAll(".menu-list a, .menu-list button, .menu-list input, .menu-list select")].filter((one) => !one.hidden);
  const next = stops.indexOf(document.activeElement) + step;
  stops[Math.max(0, Math.min(next, stops.length - 1))]?.focus();
}

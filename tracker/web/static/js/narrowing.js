// A select of many persons gets a box above it: typing a name, a department or pinyin initials narrows it.
export function narrowing(root) {
  for (const holder of root.querySelectorAll("[data-narrow]")) {
    const select = holder.querySelector("select");
    if (select && select.options.length > 6) narrow(holder, select);
  }
}

function narrow(holder, select) {
  const box = document.createElement("input");
  Object.assign(box, { type: "search", placeholder: holder.dataset.narrow, autocomplete: "off", className: "narrowing" });
  box.setAttribute("aria-label", holder.dataset.narrowLabel);
  select.before(box);
  if (!select.multiple) select.size = 6;
  const all = [...select.options];
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    const chosen = new Set([...select.selectedOptions].map((option) => option.value));
    const shown = all.filter((option) => !wanted || found(option, wanted) || (select.multiple && option.selected));
    select.replaceChildren(...shown);
    for (const option of shown) option.selected = chosen.has(option.value);
    if (!select.multiple && wanted && shown.length && !shown.some((option) => option.selected)) shown[0].selected = true;
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      select.focus();
    }
  });
}

function found(option, wanted) {
  return `${option.textContent} ${option.dataset.find ?? ""}`.toLowerCase().includes(wanted);
}

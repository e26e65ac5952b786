// The selected rows of a list: all of this page, a range with Shift, all that match; and the bar below.
export function selection(root) {
  for (const form of root.querySelectorAll("form[data-selection]")) start(form);
}

function start(form) {
  const boxes = [...form.querySelectorAll("[data-pick]")];
  const whole = form.querySelector("[data-pick-all]");
  const matching = form.querySelector("[name=all_matching]");
  const bar = form.querySelector("[data-bar]");
  let last = null;

  const show = () => {
    const picked = boxes.filter((box) => box.checked).length;
    if (matching && picked < boxes.length) matching.checked = false;
    for (const box of boxes) box.closest("tr").classList.toggle("picked", box.checked);
    if (whole) {
      whole.checked = picked > 0 && picked === boxes.length;
      whole.indeterminate = picked > 0 && picked < boxes.length;
    }
    bar.hidden = picked === 0;
    bar.querySelector("[data-said]").textContent = matching?.checked ? bar.dataset.all : bar.dataset.some.replace("{n}", picked);
  };
  const setAll = (on) => {
    for (const box of boxes) box.checked = on;
    show();
  };

  if (whole) whole.hidden = boxes.length === 0;
  whole?.addEventListener("change", () => setAll(whole.checked));
  matching?.addEventListener("change", () => (matching.checked ? setAll(true) : show()));
  form.querySelector("[data-unpick]").addEventListener("click", () => setAll(false));
  form.addEventListener("click", (event) => {
    const box = event.target.closest("[data-pick]");
    if (!box) return;
    if (event.shiftKey && last) span(boxes, last, box);
    last = box;
    show();
  });
  form.addEventListener("submit", (event) => onlyOwnFields(form, event.submitter));
  show();
  window.addEventListener("pageshow", show);
}

function span(boxes, from, to) {
  const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
  for (const box of boxes.slice(first, last + 1)) box.checked = to.checked;
}

// The fields of the other dialogs stay at home.
function onlyOwnFields(form, submitter) {
  const own = submitter?.closest("dialog");
  for (const dialog of form.querySelectorAll("dialog")) {
    if (dialog === own) continue;
    for (const field of dialog.querySelectorAll("input, select, textarea")) field.disabled = true;
  }
}

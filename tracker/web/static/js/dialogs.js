// Opens and closes <dialog>s in browsers that do not know command= yet, and those that must be open at once.
const native = "command" in HTMLButtonElement.prototype;

function open(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

export function dialogs(root) {
  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener && !(native && opener.hasAttribute("command"))) open(root.getElementById(opener.dataset.opens));
    if (!native && event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement && outside(event.target, event)) event.target.close();
  });
  for (const dialog of root.querySelectorAll("dialog[data-open]")) {
    open(dialog);
    dialog.querySelector("[data-problems], [aria-invalid=true]")?.focus();
  }
  // Enter in a field of a dialog presses the button of this dialog, not the first one of a form around several.
  root.addEventListener("keydown", (event) => {
    const dialog = event.key === "Enter" && !event.isComposing && event.target.matches("dialog input:not([type=file])")
      ? event.target.closest("dialog") : null;
    const button = dialog?.querySelector("button.primary, button[formaction]");
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
}

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && (event.clientX !== 0 || event.clientY !== 0);
}

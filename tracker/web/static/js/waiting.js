// Shows that a form takes its time, and keeps it from being sent twice.
export function waiting(root) {
  for (const form of root.querySelectorAll("form[data-waits]")) {
    const show = (busy) => {
      form.querySelector("[data-waiting]").hidden = !busy;
      for (const button of form.querySelectorAll("button")) button.disabled = busy;
    };
    form.addEventListener("submit", () => show(true));
    // Coming back by the browser's own button must not find it still waiting.
    window.addEventListener("pageshow", () => show(false));
  }
}

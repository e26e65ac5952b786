// Warns before typed text is lost.
export function leave(root) {
  for (const form of root.querySelectorAll("form[data-keep]")) {
    let typed = false;
    form.addEventListener("input", (event) => { typed ||= event.target.type !== "file"; });
    form.addEventListener("submit", () => { typed = false; });
    window.addEventListener("beforeunload", (event) => {
      if (typed) event.preventDefault();
    });
  }
}

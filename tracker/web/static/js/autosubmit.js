// A select or a tick marked data-autosubmit sends its form as soon as it changes; its button is for pages without script.
export function autosubmit(root) {
  for (const form of root.querySelectorAll("form")) {
    const fields = form.querySelectorAll("[data-autosubmit]");
    for (const field of fields) field.addEventListener("change", () => form.requestSubmit());
  }
}

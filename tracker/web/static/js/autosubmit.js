// Fields marked data-autosubmit send their form as soon as they change; a filter form leaves empty fields out of the address.
export function autosubmit(root) {
  for (const field of root.querySelectorAll("[data-autosubmit]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }
  for (const form of root.querySelectorAll("form[method=get]")) {
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
    });
  }
}

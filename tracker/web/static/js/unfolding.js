// The button over a long list of folded changes opens all of them.
export function unfolding(root) {
  for (const button of root.querySelectorAll("[data-unfolds]")) {
    button.addEventListener("click", () => {
      const list = button.closest("details");
      for (const one of list.querySelectorAll("details")) one.open = true;
      button.parentElement.hidden = true;
    });
  }
}

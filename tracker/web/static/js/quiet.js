// A form marked data-quiet is sent without leaving the page, so that what is typed elsewhere on it stays.
import { renew } from "./fresh.js";

export function quiet(root) {
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-quiet]")) return;
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer?.ok) {
      // Sent once more the plain way: the server says on a page of its own what is wrong.
      form.submit();
      return;
    }
    tell(renew(await answer.text()));
    form.closest("dialog")?.close();
  });
}

function tell(page) {
  const main = document.getElementById("main");
  for (const line of main.querySelectorAll(":scope > .flash")) line.remove();
  main.prepend(...[...page.querySelectorAll("main > .flash")].map((line) => document.importNode(line, true)));
}

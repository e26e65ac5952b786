// Brings the parts of the page marked data-fresh (each with an id) up to date, so that nothing typed elsewhere is lost.
export async function refresh() {
  const parts = document.querySelector("[data-fresh][id]");
  const answer = parts ? await fetch(window.location.href, { headers: { Accept: "text/html" } }) : null;
  if (!answer?.ok) {
    window.location.reload();
    return;
  }
  renew(await answer.text());
}

// The same from the text of the page, when it is there already.
export function renew(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("[data-fresh][id]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) part.replaceWith(document.importNode(fresh, true));
  }
  return page;
}

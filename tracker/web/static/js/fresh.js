// Brings the parts of the page marked data-fresh (each with an id) up to date, so that nothing typed elsewhere is lost.
export async function refresh() {
  const parts = [...document.querySelectorAll("[data-fresh][id]")];
  const answer = parts.length ? await fetch(window.location.href, { headers: { Accept: "text/html" } }) : null;
  if (!answer?.ok) {
    window.location.reload();
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const fresh = page.getElementById(part.id);
    if (fresh) part.replaceWith(document.importNode(fresh, true));
  }
}

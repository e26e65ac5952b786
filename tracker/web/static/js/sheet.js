// One file for a form that takes one: dropped or chosen, it is sent at once.
export function sheet(root) {
  for (const form of root.querySelectorAll("form[data-sheet]")) {
    const zone = form.querySelector(".drop");
    const input = zone.querySelector("input[type=file]");
    const send = () => input.files.length && form.requestSubmit();
    input.addEventListener("change", send);
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
      zone.addEventListener(kind, (event) => {
        event.preventDefault();
        zone.classList.toggle("over", kind === "dragenter" || kind === "dragover");
      });
    }
    zone.addEventListener("drop", (event) => {
      input.files = event.dataTransfer.files;
      send();
    });
  }
}

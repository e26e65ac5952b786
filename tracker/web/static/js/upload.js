// Several files at once, dropped or chosen: each goes at once, with its own progress, time left and, if refused, its sentence.
import { refresh } from "./fresh.js";
import { send } from "./sending.js";

const AT_ONCE = 2;
const SVG = "http://www.w3.org/2000/svg";

export function upload(root) {
  for (const zone of root.querySelectorAll("[data-drop]")) start(zone, zone.closest("form"));
}

function start(zone, form) {
  const input = zone.querySelector("input[type=file]");
  const work = { zone, form, waiting: [], running: 0, failed: 0, sent: 0 };
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    add(work, files);
  });
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => hover(zone, event, true));
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, (event) => hover(zone, event, false));
  zone.addEventListener("drop", (event) => add(work, [...event.dataTransfer.files]));
  window.addEventListener("beforeunload", (event) => {
    if (work.running) event.preventDefault();
  });
}

function hover(zone, event, on) {
  event.preventDefault();
  zone.classList.toggle("over", on);
}

function add(work, files) {
  const { zone } = work;
  for (const file of files) {
    const line = draw(zone, file);
    if (file.size === 0) refuse(work, line, zone.dataset.nothing.replace("{name}", file.name));
    else if (file.size > Number(zone.dataset.max)) refuse(work, line, zone.dataset.tooBig.replace("{name}", file.name));
    else work.waiting.push({ file, line });
  }
  next(work);
}

function next(work) {
  while (work.running < AT_ONCE && work.waiting.length) run(work, work.waiting.shift());
  if (!work.running && !work.waiting.length && work.sent) settle(work);
}

// What is kept now stands in the list of the page; what was refused stays here with its sentence.
async function settle(work) {
  work.sent = 0;
  if (work.failed && !document.querySelector("[data-fresh]")) return;
  await refresh();
  for (const line of work.zone.querySelectorAll(".upload.done")) line.remove();
}

async function run(work, { file, line }) {
  work.running += 1;
  const sentence = await send(work.form, work.zone.dataset, file, (share, said) => {
    line.querySelector("progress").value = share;
    line.querySelector(".said").textContent = said;
  });
  work.running -= 1;
  if (sentence) refuse(work, line, sentence);
  else {
    work.sent += 1;
    finish(work.zone, line, "done", "check-circle-fill", work.zone.dataset.finished);
  }
  next(work);
}

function refuse(work, line, sentence) {
  work.failed += 1;
  finish(work.zone, line, "failed", "exclamation-circle-fill", "");
  const why = document.createElement("p");
  why.className = "why";
  why.textContent = sentence;
  line.append(why);
}

function finish(zone, line, kind, icon, said) {
  line.classList.add(kind);
  line.querySelector("progress").remove();
  line.querySelector(".said").textContent = said;
  line.querySelector("use").setAttribute("href", `${zone.dataset.icons}#${icon}`);
}

function draw(zone, file) {
  const line = document.createElement("li");
  line.className = "upload";
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${zone.dataset.icons}#file-earmark`);
  icon.append(use);
  const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  progress.setAttribute("aria-label", file.name);
  line.append(icon, span("name", file.name), span("said", zone.dataset.waiting), progress);
  zone.querySelector(".uploads").append(line);
  return line;
}

function span(kind, text) {
  return Object.assign(document.createElement("span"), { className: kind, textContent: text, title: text });
}

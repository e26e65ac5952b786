// Starts the niceties a page has use for. Every page works without them.
// Each module is asked for under the version of this one, so that browsers may keep them all for good.
const version = new URL(import.meta.url).search;
const WANTED = {
  dialogs: "dialog",
  menus: "[data-menu]",
  keyboard: "[data-rows], [data-seek]",
  selection: "[data-selection]",
  narrowing: "[data-narrow]",
  autosubmit: "[data-autosubmit], form[method=get]",
  leave: "[data-keep]",
  upload: "[data-drop]",
  finding: "[data-finds]",
  quiet: "[data-quiet], [data-finds]",
  waiting: "[data-waits]",
  unfolding: "[data-unfolds]",
  beside: "[data-beside]",
  sheet: "[data-sheet]",
  jobs: "[data-job]",
};

document.documentElement.classList.add("js");
for (const element of document.querySelectorAll(".needs-js")) element.hidden = false;
for (const [name, selector] of Object.entries(WANTED)) {
  if (document.querySelector(selector)) import(`./${name}.js${version}`).then((module) => module[name](document));
}
document.querySelector("[data-problems], [aria-invalid=true]")?.focus();

// Starts the niceties. Every page works without them.
import { dialogs } from "./dialogs.js";
import { keyboard } from "./keyboard.js";
import { leave } from "./leave.js";
import { menus } from "./menus.js";
import { narrowing } from "./narrowing.js";
import { selection } from "./selection.js";
import { autosubmit } from "./autosubmit.js";
import { upload } from "./upload.js";

document.documentElement.classList.add("js");
for (const element of document.querySelectorAll(".needs-js")) element.hidden = false;
for (const start of [dialogs, menus, narrowing, selection, autosubmit, keyboard, leave, upload]) start(document);
document.querySelector("[data-problems], [aria-invalid=true]")?.focus();

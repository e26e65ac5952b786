// Sends one file and says how far it is; answers with the sentence of a refusal, or null when it is kept.
export function send(form, words, file, tell) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const began = performance.now();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) tell(event.loaded / event.total, progress(words, event, performance.now() - began));
    });
    request.addEventListener("load", () => resolve(request.status < 300 ? null : sentence(request) || lost(words, file)));
    for (const kind of ["error", "abort", "timeout"]) request.addEventListener(kind, () => resolve(lost(words, file)));
    request.send(body(form, words.name, file));
  });
}

function body(form, name, file) {
  const data = new FormData(form);
  data.delete(name);
  data.append(name, file, file.name);
  return data;
}

function progress(words, { loaded, total }, elapsed) {
  if (loaded >= total) return words.checking;
  const seconds = Math.ceil((elapsed / loaded) * (total - loaded) / 1000);
  const left = seconds < 90 ? words.seconds.replace("{n}", seconds) : words.minutes.replace("{n}", Math.ceil(seconds / 60));
  return words.left.replace("{percent}", Math.floor((100 * loaded) / total)).replace("{left}", left);
}

function sentence(request) {
  try {
    return JSON.parse(request.responseText).message;
  } catch {
    return "";
  }
}

function lost(words, file) {
  return words.broken.replace("{name}", file.name);
}

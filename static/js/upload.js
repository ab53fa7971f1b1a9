// The upload form: drag and drop, and the file sent as it is, with a bar that shows how much has gone.

const form = document.getElementById("upload");
const input = document.getElementById("file");
const zone = document.getElementById("drop-zone");
const sending = document.getElementById("sending");
const stop = document.getElementById("stop");
const send = document.getElementById("send");
let request = null;

function complain(message) {
  const error = document.getElementById("file-error");
  error.textContent = message;
  error.hidden = !message;
  document.getElementById("file-field").classList.toggle("has-error", Boolean(message));
  if (message) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

function showSending(isOn) {
  sending.hidden = stop.hidden = !isOn;
  send.disabled = isOn;
}

function show(share) {
  document.getElementById("sending-bar").value = share;
  document.getElementById("sending-share").textContent = `${Math.floor(100 * share)} %`;
}

function fail(message) {
  request = null;
  showSending(false);
  complain(message);
  input.focus();
}

/** What the server said, or that the connection broke before it could. */
function answer(sent) {
  try {
    return JSON.parse(sent.responseText);
  } catch {
    return { error: form.dataset.broken };
  }
}

function upload(file) {
  const sent = new XMLHttpRequest();
  const name = form.elements.namedItem("name").value;
  sent.open("POST", `${form.dataset.raw}?${new URLSearchParams({ name, file: file.name })}`);
  sent.setRequestHeader("X-CSRF-Token", form.elements.namedItem("csrf_token").value);
  sent.setRequestHeader("Content-Type", "application/octet-stream");
  sent.upload.addEventListener("progress", (event) => event.lengthComputable && show(event.loaded / event.total));
  sent.addEventListener("load", () => {
    const { url, error } = answer(sent);
    request = null;
    if (sent.status === 201 && url) location.assign(url);
    else fail(error ?? form.dataset.broken);
  });
  sent.addEventListener("error", () => fail(form.dataset.broken));
  sent.addEventListener("abort", () => fail(""));
  document.getElementById("sending-name").textContent = file.name;
  complain("");
  show(0);
  showSending(true);
  request = sent;
  sent.send(file);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = input.files[0];
  if (!file) complain(form.dataset.noFile);
  else if (file.size > Number(form.dataset.most)) complain(form.dataset.tooLarge);
  else if (!request) upload(file);
});

stop.addEventListener("click", () => request?.abort());
input.addEventListener("change", () => complain(""));

for (const kind of ["dragenter", "dragover"]) {
  zone.addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
}
zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("is-over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  complain("");
});
document.getElementById("drop-hint").hidden = false;
window.addEventListener("beforeunload", (event) => request && event.preventDefault());

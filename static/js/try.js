/* Task templates outside the work page: hands a finished answer to the form that waits for it.

<div data-sends="ID" data-draft="JSON"> <crowd-form> … </crowd-form> </div>
<form id="ID" method="post"> <input type="hidden" name="answer"> … </form> */

import "../elements/index.js";

document.addEventListener("crowd-submit", (event) => {
  const place = event.target.closest("[data-sends]");
  const form = place && document.getElementById(place.dataset.sends);
  if (!form) return;
  if (!form.reportValidity()) {
    event.preventDefault();
    return;
  }
  form.elements.namedItem("answer").value = JSON.stringify(event.detail.answer);
  form.requestSubmit();
});

for (const place of document.querySelectorAll("[data-draft]")) {
  place.querySelector("crowd-form")?.restore(JSON.parse(place.dataset.draft));
}

document.getElementById("outcome")?.focus({ preventScroll: false });

// A page that the browser brings back from its memory must take another answer.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("[data-sends] crowd-form")) form.release();
});

// A disputed task: one key per answer, Enter decides, and the focus goes where the next key is expected.

import "../elements/index.js";
import { areShortcutsOn, isTyping, labelKey } from "../elements/keys.js";

const decision = () => document.getElementById("decision");

document.addEventListener("keydown", (event) => {
  const form = decision();
  if (!form || event.defaultPrevented || event.altKey || event.repeat) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || isTyping(event.target) || !areShortcutsOn()) return;
  const key = labelKey(event);
  const choice = key && form.querySelector(`input[data-key="${CSS.escape(key)}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
});

document.addEventListener("htmx:after:swap", () => {
  const shown = document.getElementById("case");
  if (!shown || shown.contains(document.activeElement)) return;
  (shown.querySelector("#errors") ?? shown.querySelector("h1"))?.focus();
});

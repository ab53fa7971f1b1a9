// <crowd-radio-group>: radio buttons of which one can be chosen; each of them keeps its own name in the answer.

import { isOn, make, newId, showProblem } from "./dom.js";
import { say } from "./words.js";

export class CrowdRadioGroup extends HTMLElement {
  /** What the native radios inside share, so that choosing one clears the others. */
  sharedName = newId("radio");
  #place = null;

  connectedCallback() {
    if (this.#place) return;
    this.setAttribute("role", "radiogroup");
    if (!this.hasAttribute("aria-label") && !this.hasAttribute("aria-labelledby")) {
      this.setAttribute("aria-label", this.getAttribute("label") ?? say("chooseOneHere"));
    }
    this.#place = make("span", { class: "problem-place" });
    this.prepend(this.#place);
    this.addEventListener("change", () => this.showProblem(null));
  }

  /** The buttons answer for themselves. */
  get answer() {
    return undefined;
  }

  get problem() {
    return isOn(this, "required") && !this.querySelector("input:checked") ? say("chooseOneHere") : null;
  }

  showProblem(message) {
    showProblem(this, message, this.#place);
  }

  restore() {
    // Each button is restored by its own name.
  }

  focus(options) {
    (this.querySelector("input:checked") ?? this.querySelector("input"))?.focus(options);
  }
}

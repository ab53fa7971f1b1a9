// <crowd-radio-button name value checked disabled>: answers {name: {value: true or false}}, or {name: bool} without a value.

import { isOn, make, newId } from "./dom.js";

export class CrowdRadioButton extends HTMLElement {
  #input = null;

  connectedCallback() {
    if (this.#input) return;
    const group = this.closest("crowd-radio-group");
    this.#input = make("input", {
      type: "radio",
      name: group?.sharedName ?? this.getAttribute("name") ?? newId("radio"),
      checked: isOn(this, "checked"),
      disabled: isOn(this, "disabled"),
    });
    const text = make("span", { class: "choice-label", dir: "auto" });
    text.append(...this.childNodes);
    this.append(make("label", { class: "choice" }, this.#input, text));
  }

  get answer() {
    if (this.#input.disabled) return undefined;
    const value = this.getAttribute("value");
    return value === null ? this.#input.checked : Object.fromEntries([[value, this.#input.checked]]);
  }

  get problem() {
    return null;
  }

  showProblem() {
    // A single button cannot be wrong; its group can.
  }

  restore(saved) {
    const value = this.getAttribute("value");
    this.#input.checked = value === null ? saved === true : saved?.[value] === true;
  }

  focus(options) {
    this.#input.focus(options);
  }
}

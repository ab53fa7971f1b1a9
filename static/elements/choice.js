// One label out of several: what <crowd-classifier> and <crowd-image-classifier> have in common.

import { isOn, jsonAttribute, make, newId, showProblem, takeSlot } from "./dom.js";
import { LABEL_KEYS, keyName } from "./keys.js";
import { say } from "./words.js";

export class CrowdChoice extends HTMLElement {
  #group = null;
  #inputs = [];

  connectedCallback() {
    if (this.#group) return;
    const short = takeSlot(this, "short-instructions");
    const full = takeSlot(this, "full-instructions");
    const header = this.#header();
    const target = this.buildTarget();
    this.#group = this.#buildGroup(header);
    const rest = [short && framed(short, "crowd-short"), target, this.#group, this.buildExtra?.(), full && folded(full)];
    this.prepend(...[header, ...rest].filter(Boolean));
  }

  /** {label} once one is chosen. */
  get answer() {
    const chosen = this.#inputs.find((input) => input.checked);
    return chosen ? { label: chosen.value } : undefined;
  }

  get problem() {
    const isRequired = this.getAttribute("required") !== "false";
    return isRequired && this.answer === undefined ? say("chooseOne") : null;
  }

  showProblem(message) {
    showProblem(this.#group, message, this.#group);
  }

  restore(value) {
    for (const input of this.#inputs) input.checked = input.value === value?.label;
  }

  /** The group takes the focus, not its first label: no label is favoured, and every key already works. */
  focus(options) {
    (this.#inputs.find((input) => input.checked) ?? this.#group).focus(options);
  }

  /** Chooses the label of this key; false when no label has it. */
  chooseByKey(key) {
    const input = this.#inputs[LABEL_KEYS.indexOf(key)];
    if (!input || input.disabled) return false;
    this.#choose(input);
    return true;
  }

  get shortcuts() {
    return this.#inputs.map((input, index) => ({ chords: [[keyName(LABEL_KEYS[index])]], does: input.value }));
  }

  #choose(input) {
    input.focus();
    input.checked = true;
    this.showProblem(null);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #header() {
    const text = this.getAttribute("header");
    return text ? make("h2", { class: "crowd-header", id: newId("question"), dir: "auto" }, text) : null;
  }

  #buildGroup(header) {
    const labels = jsonAttribute(this, "categories", []);
    const group = make("div", {
      class: "choices-keyed",
      role: "radiogroup",
      tabindex: "-1",
      "aria-labelledby": header?.id,
      "aria-label": header ? null : say("chooseOneHere"),
      "aria-required": String(this.getAttribute("required") !== "false"),
    });
    const name = newId("choice");
    group.append(...(Array.isArray(labels) ? labels : []).map((label, index) => this.#choice(String(label), name, index)));
    group.addEventListener("change", () => this.showProblem(null));
    group.addEventListener("keydown", (event) => {
      if (event.target !== group || !/^Arrow/.test(event.key) || !this.#inputs.length) return;
      event.preventDefault();
      this.#choose(/Down|Right/.test(event.key) ? this.#inputs[0] : this.#inputs.at(-1));
    });
    return group;
  }

  #choice(label, name, index) {
    const key = LABEL_KEYS[index];
    const input = make("input", { type: "radio", name, value: label, disabled: isOn(this, "disabled") });
    this.#inputs.push(input);
    const hint = key ? make("kbd", { "aria-hidden": "true" }, keyName(key)) : null;
    return make("label", { class: "choice" }, input, hint, make("span", { class: "choice-label", dir: "auto" }, label));
  }
}

function framed(slot, className) {
  slot.classList.add(className);
  return slot;
}

/** Full instructions stay one key away, folded under the task. */
function folded(slot) {
  const heading = slot.getAttribute("header") ?? say("fullInstructions");
  return make("details", { class: "crowd-full" }, make("summary", {}, heading), slot);
}


// <crowd-text-area>: a text answer with Amazon's attributes; `required` and `hint` are ours.

import { describe, isOn, make, newId, showProblem } from "./dom.js";
import { say } from "./words.js";

const WARN_WHEN_LEFT = 50;

export class CrowdTextArea extends HTMLElement {
  #area = null;
  #counter = null;
  #allowed = null;

  connectedCallback() {
    if (this.#area) return;
    const id = newId("text");
    const maxLength = Number.parseInt(this.getAttribute("max-length"), 10);
    this.#area = make("textarea", {
      id,
      dir: "auto",
      rows: this.getAttribute("rows") ?? 3,
      maxlength: maxLength > 0 ? maxLength : null,
      placeholder: this.getAttribute("placeholder"),
      disabled: isOn(this, "disabled"),
      "aria-required": isOn(this, "required") ? "true" : null,
      "aria-label": this.getAttribute("label") ? null : say("enterText"),
    });
    this.#area.value = this.getAttribute("value") ?? "";
    this.#allowed = this.#pattern();
    this.#area.addEventListener("input", () => this.#onInput());
    this.append(...this.#surroundings(id), this.#area);
    this.#limitRows();
    if (isOn(this, "char-counter")) this.#addCounter(maxLength);
    if (isOn(this, "auto-focus")) this.focus({ preventScroll: true });
  }

  /** The text; line breaks are \n. */
  get answer() {
    return isOn(this, "disabled") ? undefined : this.#area.value;
  }

  get problem() {
    const isMissing = isOn(this, "required") && this.#area.value.trim() === "";
    return isMissing ? (this.getAttribute("error-message") ?? say("enterText")) : null;
  }

  showProblem(message) {
    showProblem(this.#area, message, this.#area);
  }

  restore(value) {
    this.#area.value = typeof value === "string" ? value : "";
    this.#count();
  }

  focus(options) {
    this.#area.focus(options);
  }

  #surroundings(id) {
    const label = this.getAttribute("label");
    const hint = this.getAttribute("hint");
    const nodes = [];
    if (label) nodes.push(make("label", { for: id, class: "crowd-label", dir: "auto" }, label));
    if (hint) {
      const hintId = newId("hint");
      nodes.push(make("p", { id: hintId, class: "hint", dir: "auto" }, hint));
      describe(this.#area, hintId, true);
    }
    return nodes;
  }

  #pattern() {
    if (!isOn(this, "auto-validate") || !this.hasAttribute("allowed-pattern")) return null;
    try {
      return new RegExp(this.getAttribute("allowed-pattern"), "u");
    } catch {
      console.error(`<crowd-text-area> allowed-pattern is not a regular expression`);
      return null;
    }
  }

  /** The box grows with its text; from max-rows on it scrolls. */
  #limitRows() {
    const maxRows = Number.parseInt(this.getAttribute("max-rows"), 10);
    if (maxRows > 0) this.#area.style.setProperty("--max-rows", String(maxRows));
  }

  #onInput() {
    const kept = this.#allowed ? [...this.#area.value].filter((character) => this.#allowed.test(character)).join("") : null;
    const isFiltered = kept !== null && kept !== this.#area.value;
    if (isFiltered) {
      const caret = this.#area.selectionStart - (this.#area.value.length - kept.length);
      this.#area.value = kept;
      this.#area.setSelectionRange(caret, caret);
    }
    this.showProblem(isFiltered ? (this.getAttribute("error-message") ?? say("wrongFormat")) : null);
    this.#count();
  }

  #addCounter(maxLength) {
    this.#counter = make("p", { class: "char-counter small quiet", "aria-live": "off" });
    this.#counter.dataset.maxLength = maxLength > 0 ? maxLength : "";
    this.append(this.#counter);
    this.#count();
  }

  #count() {
    if (!this.#counter) return;
    const maxLength = Number(this.#counter.dataset.maxLength);
    const length = this.#area.value.length;
    const left = maxLength - length;
    this.#counter.textContent = maxLength ? say("charactersLeft", { count: left }) : say("characters", { count: length });
    this.#counter.setAttribute("aria-live", maxLength && left <= WARN_WHEN_LEFT ? "polite" : "off");
  }
}

// <crowd-form>: gathers every named answer inside it, says what is missing, and hands the answer over once.

import { isOn, make, newId, showProblem } from "./dom.js";
import { flatten, gather, nativeControls, restoreNative } from "./form-answer.js";
import { chordHint, helpContent, onFormKey } from "./form-keys.js";
import { areShortcutsOn, submitChord, switchShortcuts } from "./keys.js";
import { say } from "./words.js";

const ANSWER_ELEMENTS = "crowd-classifier, crowd-image-classifier, crowd-text-area, crowd-radio-group, crowd-radio-button";
const SUBMITTERS = "crowd-button[form-action='submit'], button[type='submit'], button:not([type]), input[type='submit']";

export class CrowdForm extends HTMLElement {
  #form = null;
  #isSent = false;
  #help = null;
  #onKey = (event) => onFormKey(this, event);

  connectedCallback() {
    if (!this.#form) this.#build();
    document.addEventListener("keydown", this.#onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#onKey);
  }

  /** The elements that hold an answer, in document order. */
  get answerElements() {
    return [...this.querySelectorAll(ANSWER_ELEMENTS)].filter((element) => "problem" in element);
  }

  /** What has been answered so far, whether complete or not: what a draft keeps. */
  get draft() {
    return gather(this.answerElements, this.#form, null);
  }

  /** Puts a draft's values back. */
  restore(draft) {
    for (const element of this.answerElements) {
      const name = element.getAttribute("name");
      if (name && Object.hasOwn(draft, name)) element.restore(draft[name]);
    }
    restoreNative(this.#form, draft);
  }

  /** True from handing the answer over until it is released: keys pressed now were meant for the next task. */
  get isSent() {
    return this.#isSent;
  }

  /** Puts the focus where the next key is expected. */
  focusFirst() {
    const first = this.answerElements[0] ?? nativeControls(this.#form)[0];
    first?.focus({ preventScroll: true });
  }

  /** Lets the answer be submitted again, after a submission that did not arrive. */
  release() {
    this.#isSent = false;
    this.removeAttribute("data-sent");
  }

  /** Validates and hands over the answer. `submitter` is the native button pressed, if one was. */
  submit(submitter = null) {
    if (this.#isSent || this.#showProblems()) return;
    const answer = gather(this.answerElements, this.#form, submitter);
    const shaped = this.getAttribute("answer-format") === "flatten-objects" ? flatten(answer) : answer;
    const event = new CustomEvent("crowd-submit", { bubbles: true, cancelable: true, detail: { answer: shaped } });
    this.#isSent = true;
    this.toggleAttribute("data-sent", true);
    if (!this.dispatchEvent(event)) this.release();
  }

  /** Shows or hides the list of keys; the focus goes in and comes back. */
  toggleHelp() {
    if (!this.#help) return;
    const { panel, toggle } = this.#help;
    panel.hidden = !panel.hidden;
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
    for (const details of this.querySelectorAll("details.crowd-full")) details.open = !panel.hidden;
    if (panel.hidden) {
      this.#help.cameFrom?.focus();
      return;
    }
    panel.replaceChildren(...helpContent(this));
    this.#help.cameFrom = document.activeElement;
    panel.focus();
  }

  #build() {
    switchShortcuts(areShortcutsOn());
    this.#form = make("form", { novalidate: true, class: "crowd-form-body" });
    this.#form.append(...this.childNodes);
    this.append(this.#form);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.submit(event.submitter);
    });
    if (!isOn(this, "no-controls")) this.#addControls();
  }

  #addControls() {
    const controls = make("div", { class: "crowd-controls" });
    if (!this.#form.querySelector(SUBMITTERS)) {
      const keys = this.querySelector("crowd-text-area, textarea") ? submitChord() : ["Enter"];
      controls.append(
        make("button", { type: "submit", class: "button primary" }, say("submitAndGoOn"), " ", chordHint(keys)),
      );
    }
    const id = newId("help");
    const toggle = make(
      "button",
      { type: "button", class: "button plain", "aria-expanded": "false", "aria-controls": id },
      say(this.querySelector("full-instructions") ? "keysAndInstructions" : "keys"),
      " ",
      make("kbd", { "aria-hidden": "true" }, "?"),
    );
    const panel = make("section", { id, class: "crowd-help", tabindex: "-1", hidden: true, "aria-label": say("keys") });
    this.#help = { panel, toggle, cameFrom: null };
    toggle.addEventListener("click", () => this.toggleHelp());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggleHelp();
    });
    controls.append(toggle);
    this.#form.append(controls, panel);
  }

  #showProblems() {
    let first = null;
    for (const element of this.answerElements) {
      element.showProblem(element.problem);
      if (element.problem) first ??= element;
    }
    for (const control of nativeControls(this.#form)) {
      const message = control.willValidate && !control.checkValidity() ? nativeProblem(control) : null;
      showProblem(control, message, control.closest("label") ?? control);
      if (message) first ??= control;
    }
    first?.focus();
    return first !== null;
  }
}

function nativeProblem(control) {
  return control.validity.valueMissing ? say("fillThis") : say("wrongFormat");
}

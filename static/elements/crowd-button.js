// <crowd-button form-action variant href>: a native button or link with Amazon's attributes; icons stay words.

import { isOn, make } from "./dom.js";

const ACTIONS = { submit: "submit", reset: "reset" };

export class CrowdButton extends HTMLElement {
  #inner = null;

  static observedAttributes = ["disabled", "loading"];

  connectedCallback() {
    if (this.#inner) return;
    const style = this.getAttribute("variant") === "primary" ? "button primary" : "button";
    this.#inner = this.hasAttribute("href") ? this.#link(style) : this.#button(style);
    this.#inner.append(...this.childNodes);
    this.append(this.#inner);
    this.attributeChangedCallback();
  }

  attributeChangedCallback() {
    if (this.#inner?.localName !== "button") return;
    this.#inner.disabled = isOn(this, "disabled");
    this.#inner.toggleAttribute("aria-busy", isOn(this, "loading"));
  }

  focus(options) {
    this.#inner.focus(options);
  }

  #button(style) {
    const type = ACTIONS[this.getAttribute("form-action")] ?? "button";
    return make("button", { type, class: style, name: this.getAttribute("name"), value: this.getAttribute("value") });
  }

  #link(style) {
    const href = this.getAttribute("href");
    const isSafe = /^(?:https?:|\/(?!\/)|#)/i.test(href.trim());
    const target = this.getAttribute("target");
    return make("a", { class: style, href: isSafe ? href : null, target, rel: target ? "noopener noreferrer" : null });
  }
}

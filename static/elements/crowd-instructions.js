// <crowd-instructions link-text>: the short summary in view, everything longer folded one step away.

import { make, takeSlot } from "./dom.js";
import { say } from "./words.js";

const PARTS = [
  ["detailed-instructions", null],
  ["positive-example", "goodExample"],
  ["negative-example", "badExample"],
];

export class CrowdInstructions extends HTMLElement {
  #isBuilt = false;

  connectedCallback() {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    const summary = takeSlot(this, "short-summary");
    const parts = PARTS.flatMap(([name, title]) => this.#part(name, title));
    if (summary) this.append(summary);
    if (parts.length === 0) return;
    const link = this.getAttribute("link-text") ?? say("fullInstructions");
    this.append(make("details", { class: "crowd-full" }, make("summary", {}, link), ...parts));
  }

  #part(name, title) {
    const slot = takeSlot(this, name);
    if (!slot) return [];
    return [make("section", { class: name }, title ? make("h3", {}, say(title)) : null, slot)];
  }
}

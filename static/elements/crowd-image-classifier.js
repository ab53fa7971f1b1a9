// <crowd-image-classifier name src header categories overlay>: one label for a picture, with an optional comment.

import { CrowdChoice } from "./choice.js";
import { draw, jsonAttribute, make, newId, takeSlot } from "./dom.js";
import { say } from "./words.js";

export class CrowdImageClassifier extends CrowdChoice {
  #comment = null;

  buildTarget() {
    const image = make("img", { alt: this.getAttribute("alt") ?? say("pictureAlt"), class: "crowd-picture" });
    const frame = make("div", { class: "crowd-frame" }, image);
    image.addEventListener("load", () => frame.append(...this.#overlay(image)), { once: true });
    image.addEventListener("error", () => this.#offerAgain(frame, image));
    image.src = this.getAttribute("src") ?? "";
    return frame;
  }

  buildExtra() {
    const slot = takeSlot(this, "worker-comment");
    if (!slot) return null;
    const id = newId("comment");
    this.#comment = make("textarea", { id, rows: 2, placeholder: slot.getAttribute("placeholder") });
    const label = make("label", { for: id }, slot.getAttribute("header") ?? say("comment"));
    const summary = make("summary", {}, slot.getAttribute("link-text") ?? say("comment"));
    return make("details", { class: "crowd-comment" }, summary, label, this.#comment);
  }

  get answer() {
    const choice = super.answer;
    const comment = this.#comment?.value.trim();
    return choice && comment ? { ...choice, workerComment: comment } : choice;
  }

  restore(value) {
    super.restore(value);
    if (this.#comment) this.#comment.value = value?.workerComment ?? "";
  }

  #offerAgain(frame, image) {
    frame.querySelector(".notice")?.remove();
    const button = make("button", { type: "button", class: "button small" }, say("tryAgain"));
    const notice = make("div", { class: "notice bad", role: "alert" }, make("p", {}, say("pictureFailed")), button);
    button.addEventListener("click", () => {
      notice.remove();
      image.src = this.getAttribute("src") ?? "";
    });
    frame.append(notice);
  }

  /** Boxes from an earlier task, drawn over the picture for the worker to verify. */
  #overlay(image) {
    const boxes = jsonAttribute(this, "overlay", {}).boundingBox?.value;
    if (!Array.isArray(boxes)) return [];
    const { naturalWidth, naturalHeight } = image;
    const size = Math.max(10, naturalWidth / 40);
    const shapes = boxes.flatMap((box) => [
      draw("rect", { x: box.left, y: box.top, width: box.width, height: box.height, class: "overlay-box" }),
      draw("text", { x: box.left, y: Math.max(size, box.top - size / 4), "font-size": size }, String(box.label ?? "")),
    ]);
    const viewBox = `0 0 ${naturalWidth} ${naturalHeight}`;
    return [draw("svg", { viewBox, class: "crowd-overlay", "aria-hidden": "true" }, ...shapes)];
  }
}

// What the keyboard does in a <crowd-form>, and the list that tells people so.

import { make } from "./dom.js";
import { areShortcutsOn, isTyping, labelKey, ownsEnter, submitChord, switchShortcuts } from "./keys.js";
import { say } from "./words.js";

/** True when keys pressed at `target` belong to this element: inside it, or nowhere in particular and it is first. */
export function isAddressed(element, target) {
  if (element.closest("[inert], [hidden]")) return false;
  if (element.contains(target)) return true;
  if (target instanceof Element && target.closest(element.localName)) return false;
  const awake = [...document.querySelectorAll(element.localName)].filter((other) => !other.closest("[inert], [hidden]"));
  return awake[0] === element;
}

/** Acts on a key pressed anywhere in the page. */
export function onFormKey(form, event) {
  if (event.defaultPrevented || event.isComposing || !isAddressed(form, event.target)) return;
  const hasModifier = event.ctrlKey || event.metaKey;
  if (event.altKey) return;
  if (event.key === "Enter" && (hasModifier || !(isTyping(event.target) || ownsEnter(event.target)))) {
    event.preventDefault();
    if (!event.repeat) form.submit();
    return;
  }
  if (hasModifier || isTyping(event.target) || form.isSent || !areShortcutsOn()) return;
  if (event.key === "?") {
    event.preventDefault();
    form.toggleHelp();
    return;
  }
  if (chooseByKey(form, labelKey(event), event.target)) event.preventDefault();
}

function chooseByKey(form, key, target) {
  if (key === null) return false;
  const takers = form.answerElements.filter((element) => "chooseByKey" in element);
  const taker = takers.find((element) => element.contains(target)) ?? takers.find((element) => element.problem) ?? takers[0];
  return taker?.chooseByKey(key) ?? false;
}

/** Keys printed side by side, pressed together. */
export function chordHint(keys) {
  const hint = make("span", { class: "key-hint" });
  keys.forEach((key, index) => hint.append(index ? "+" : "", make("kbd", {}, key)));
  return hint;
}

function keyRow(chords, meaning) {
  const keys = make("dt");
  chords.forEach((chord, index) => keys.append(index ? " " : "", chordHint(chord)));
  return make("div", {}, keys, make("dd", { dir: "auto" }, meaning));
}

/** The nodes of the key list: what every key does, and the switch that turns one-key shortcuts off. */
export function helpContent(form) {
  const list = make("dl", { class: "key-list" });
  const elements = [...form.answerElements, ...form.querySelectorAll("crowd-audio")];
  for (const { chords, does } of elements.flatMap((element) => element.shortcuts ?? [])) list.append(keyRow(chords, does));
  list.append(keyRow([["Enter"], submitChord()], say("keySubmit")), keyRow([["?"]], say("keyHelp")));
  const box = make("input", { type: "checkbox", checked: areShortcutsOn(), "data-shortcut-switch": true });
  box.addEventListener("change", () => switchShortcuts(box.checked));
  const label = make("label", { class: "field-inline" }, box, make("span", {}, say("oneKeyShortcuts")));
  return [make("h3", {}, say("keys")), list, label, make("p", { class: "hint small" }, say("oneKeyHint"))];
}

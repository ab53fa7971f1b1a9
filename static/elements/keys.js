// One key per answer: which keys there are, when they may act, and how they are shown.

const STORE = "crowd.shortcuts";
const DIGITS = [..."123456789"];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];

/** The keys that labels get, in order: 1-9, a-z, then Shift and a letter. */
export const LABEL_KEYS = [...DIGITS, ...LETTERS, ...LETTERS.map((letter) => letter.toUpperCase())];

/** True unless this person has switched one-key shortcuts off. */
export function areShortcutsOn() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

/** Switches one-key shortcuts on or off, here and on the next visit. */
export function switchShortcuts(isOn) {
  try {
    localStorage.setItem(STORE, isOn ? "on" : "off");
  } catch {
    // No storage (a sandboxed frame): the choice holds for this page.
  }
  document.documentElement.dataset.shortcuts = isOn ? "on" : "off";
}

/** True when keys pressed here write text. */
export function isTyping(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, [contenteditable]:not([contenteditable='false'])")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["radio", "checkbox", "range", "button", "submit", "reset", "image"].includes(input.type);
}

/** True when this control has its own use for Enter. */
export function ownsEnter(target) {
  return target instanceof Element && Boolean(target.closest("a[href], button, summary, select, input[type=button]"));
}

/** The label key of an event, on any keyboard layout, or null. */
export function labelKey(event) {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit && (!event.shiftKey || event.key !== digit[1])) {
    if (/^[1-9]$/.test(event.key)) return event.key;
    return /^[a-z?]$/i.test(event.key) ? null : digit[1];
  }
  if (/^[1-9a-z]$/i.test(event.key)) return event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code);
  if (!letter || /^[ -~]$/.test(event.key)) return null;
  return event.shiftKey ? letter[1] : letter[1].toLowerCase();
}

/** How a label key is printed: A is Shift and a. */
export function keyName(key) {
  if (/^[A-Z]$/.test(key)) return `⇧ ${key}`;
  return key.toUpperCase();
}

/** True on a keyboard whose command key is ⌘. */
export function isApple() {
  return /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform ?? "");
}

/** The chord that submits from anywhere. */
export function submitChord() {
  return isApple() ? ["⌘", "Enter"] : ["Ctrl", "Enter"];
}

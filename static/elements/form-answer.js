// Turns the named elements and native fields of a form into one answer, and a draft back into them.

const HELD = "crowd-classifier, crowd-image-classifier, crowd-text-area, crowd-radio-button, .crowd-help";

/** The native fields that the template's author named, without those that crowd elements are built of. */
export function nativeControls(form) {
  return [...form.elements].filter((control) => control.name && control.localName !== "button" && !control.closest(HELD));
}

function nativeValues(control) {
  if (control.disabled || ["submit", "reset", "button", "image", "file"].includes(control.type)) return null;
  if (control.type === "checkbox" || control.type === "radio") return control.checked ? [control.value] : [];
  if (control.type === "select-multiple") return [...control.selectedOptions].map((option) => option.value);
  return [control.value];
}

/** Names borne by several fields (radio buttons apart), or by one that takes several values, give arrays. */
function gatherNative(answer, form, submitter) {
  const found = new Map();
  for (const control of nativeControls(form)) {
    const values = nativeValues(control);
    if (values === null) continue;
    const entry = found.get(control.name) ?? { values: [], fieldCount: 0 };
    entry.values.push(...values);
    if (control.type !== "radio") entry.fieldCount += control.type === "select-multiple" ? 2 : 1;
    found.set(control.name, entry);
  }
  for (const [name, { values, fieldCount }] of found) {
    if (fieldCount > 1) answer.set(name, values);
    else if (values.length) answer.set(name, values[0]);
  }
  if (submitter?.name) answer.set(submitter.name, submitter.value);
}

function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Two answers under one name: records are merged, other values become an array. */
function join(before, value) {
  if (isRecord(before) && isRecord(value)) return Object.fromEntries([...Object.entries(before), ...Object.entries(value)]);
  return Array.isArray(before) ? [...before, value] : [before, value];
}

/** The answer: {name: value} over crowd elements first, then native fields. */
export function gather(elements, form, submitter) {
  const answer = new Map();
  for (const element of elements) {
    const name = element.getAttribute("name");
    const value = element.answer;
    if (!name || value === undefined) continue;
    answer.set(name, answer.has(name) ? join(answer.get(name), value) : value);
  }
  gatherNative(answer, form, submitter);
  return Object.fromEntries(answer);
}

/** {a: {b: 1}} becomes {"a.b": 1}; arrays stay whole. */
export function flatten(answer, prefix = "") {
  const flat = [];
  for (const [name, value] of Object.entries(answer)) {
    if (isRecord(value)) flat.push(...Object.entries(flatten(value, `${prefix}${name}.`)));
    else flat.push([`${prefix}${name}`, value]);
  }
  return Object.fromEntries(flat);
}

/** Puts a draft's values back into native fields. */
export function restoreNative(form, draft) {
  const taken = new Map();
  for (const control of nativeControls(form)) {
    if (!Object.hasOwn(draft, control.name)) continue;
    const values = [draft[control.name]].flat().map(String);
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (control.type === "select-multiple") {
      for (const option of control.options) option.selected = values.includes(option.value);
    } else {
      const index = taken.get(control.name) ?? 0;
      taken.set(control.name, index + 1);
      control.value = values[index] ?? "";
    }
  }
}

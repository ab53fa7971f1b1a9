// Builds DOM nodes without ever parsing markup, so that a strict content policy and hostile text change nothing.

const SVG = "http://www.w3.org/2000/svg";
let lastId = 0;

/** A page-unique id, for labels and descriptions. */
export function newId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An HTML element; false, null and undefined attributes are left out, true becomes an empty attribute. */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Adds or takes away one id in aria-describedby. */
export function describe(node, id, isDescribed) {
  const ids = new Set((node.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
  if (isDescribed) ids.add(id);
  else ids.delete(id);
  if (ids.size) node.setAttribute("aria-describedby", [...ids].join(" "));
  else node.removeAttribute("aria-describedby");
}

/** Shows what is wrong with a control above it, or takes the message away. */
export function showProblem(control, message, place) {
  const id = (place.dataset.problemId ??= newId("problem"));
  document.getElementById(id)?.remove();
  control.toggleAttribute("data-wrong", Boolean(message));
  describe(control, id, Boolean(message));
  if (message) {
    control.setAttribute("aria-invalid", "true");
    place.before(make("p", { id, class: "error-message" }, message));
  } else {
    control.removeAttribute("aria-invalid");
  }
}

/** A JSON attribute, or the fallback when it is absent; a malformed one is named in the console. */
export function jsonAttribute(node, name, fallback) {
  const text = node.getAttribute(name);
  if (text === null || text.trim() === "") return fallback;
  try {
    return JSON.parse(text);
  } catch {
    console.error(`<${node.localName}> ${name} is not JSON: ${text.slice(0, 80)}`);
    return fallback;
  }
}

/** True when a boolean switch is on: present and not "false". */
export function isOn(node, name) {
  return node.hasAttribute(name) && node.getAttribute(name) !== "false";
}

/** The first child that the template put into a named slot, taken out of its place. */
export function takeSlot(node, name) {
  const slot = node.querySelector(`:scope > ${name}`);
  slot?.remove();
  return slot;
}

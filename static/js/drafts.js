// Drafts of answers, one per assignment, in this browser only; old ones are thrown away.

const PREFIX = "crowd.draft.";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const KEEP_COUNT = 50;

/** Remembers what has been answered so far. */
export function keepDraft(assignment, answer) {
  if (!assignment) return;
  try {
    localStorage.setItem(PREFIX + assignment, JSON.stringify({ at: Date.now(), answer }));
  } catch {
    // Full or forbidden storage: the page works on, without a draft.
  }
}

/** The draft of this assignment, or null. */
export function keptDraft(assignment) {
  const draft = read(PREFIX + assignment);
  return draft && typeof draft.answer === "object" ? draft.answer : null;
}

export function dropDraft(assignment) {
  try {
    localStorage.removeItem(PREFIX + assignment);
  } catch {
    // Nothing was kept.
  }
}

/** Throws away drafts older than a week, and all but the newest fifty. */
export function pruneDrafts() {
  let keys = [];
  try {
    keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return;
  }
  const drafts = keys.map((key) => ({ key, at: Number(read(key)?.at) || 0 })).sort((one, other) => other.at - one.at);
  const oldest = Date.now() - KEEP_MS;
  drafts.forEach(({ key, at }, index) => {
    if (at < oldest || index >= KEEP_COUNT) localStorage.removeItem(key);
  });
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

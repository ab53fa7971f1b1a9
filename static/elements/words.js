// Every word the elements say. A page translates them with <script type="application/json" id="crowd-words">{…}</script>.

const english = {
  submit: "Submit",
  submitAndGoOn: "Submit and go on",
  keys: "Keys",
  keysAndInstructions: "Keys and instructions",
  oneKeyShortcuts: "One-key shortcuts",
  oneKeyHint: "Switch off if keys get in the way of your screen reader or voice control.",
  keyChoose: "Choose",
  keySubmit: "Submit and go on",
  keyHelp: "Show or hide this list",
  chooseOne: "Choose one answer to go on.",
  chooseOneHere: "Choose one to go on.",
  enterText: "Write an answer to go on.",
  fillThis: "Fill this in to go on.",
  wrongFormat: "This is not in the form asked for.",
  fullInstructions: "Full instructions",
  goodExample: "Good example",
  badExample: "Bad example",
  charactersLeft: "{count} characters left",
  characters: "{count} characters",
  pictureAlt: "The picture to label",
  pictureFailed: "The picture did not load. Nothing is lost.",
  soundFailed: "The recording did not load. Nothing is lost.",
  tryAgain: "Try again",
  play: "Play",
  pause: "Pause",
  back: "Back 2 s",
  fromStart: "Start over",
  slower: "Slower",
  faster: "Faster",
  speed: "Speed {rate}×",
  position: "Position in the recording",
  positionText: "{at} of {length}",
  recording: "Recording",
  comment: "Comment",
  draftRestored: "Your draft is back.",
  saved: "Saved.",
  savedNext: "Saved. Next task.",
  timeLeft: "{time} left",
  twoMinutes: "Two minutes left.",
  timeIsUp: "The time for this task is up. It goes back to the others; what you have written stays here.",
  nextTask: "Go on with the next task",
  offline: "You are offline. Your answer is kept here and will be sent when the connection is back.",
  notSent: "Your answer did not reach us. It is kept here; nothing is lost.",
  notTaken: "Your answer was not taken; you may have been signed out. It is kept here and comes back when you are signed in.",
  reload: "Reload this page",
  sendAgain: "Send again",
};

let translated = null;

function translations() {
  if (translated) return translated;
  try {
    translated = JSON.parse(document.getElementById("crowd-words")?.textContent ?? "{}");
  } catch {
    translated = {};
  }
  return translated;
}

/** The sentence for a key, with its {placeholders} filled in. */
export function say(key, values = {}) {
  const sentence = translations()[key] ?? english[key];
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// <crowd-audio src peaks>: a player whose keys work while one types. `peaks` is a JSON list of loudness or its URL.

import { isOn, make } from "./dom.js";
import { isAddressed } from "./form-keys.js";
import { say } from "./words.js";
import { waveform } from "./waveform.js";

const BACK_SECONDS = 2;
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

export class CrowdAudio extends HTMLElement {
  #sound = null;
  #slider = null;
  #wave = null;
  #parts = {};
  #frame = 0;
  #onKey = (event) => this.#act(event);

  connectedCallback() {
    if (!this.#sound) this.#build();
    document.addEventListener("keydown", this.#onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#onKey);
    cancelAnimationFrame(this.#frame);
    this.#sound.pause();
  }

  /** Plays, or pauses where it is. */
  toggle() {
    if (this.#sound.paused) this.#sound.play().catch(() => this.#show());
    else this.#sound.pause();
  }

  back() {
    this.#seek(this.#sound.currentTime - BACK_SECONDS);
  }

  replay() {
    this.#seek(0);
    if (this.#sound.paused) this.toggle();
  }

  /** One step slower (-1) or faster (1). */
  changeSpeed(step) {
    const index = RATES.indexOf(this.#sound.playbackRate) + step;
    this.#sound.playbackRate = RATES[Math.min(RATES.length - 1, Math.max(0, index))];
    this.#sound.defaultPlaybackRate = this.#sound.playbackRate;
  }

  get shortcuts() {
    return [
      { chords: [["Ctrl", "Space"]], does: `${say("play")} / ${say("pause")}` },
      { chords: [["Ctrl", "←"]], does: say("back") },
      { chords: [["Ctrl", "Shift", "Space"]], does: say("fromStart") },
      { chords: [["Ctrl", "↓"], ["Ctrl", "↑"]], does: `${say("slower")} / ${say("faster")}` },
    ];
  }

  focus(options) {
    this.#parts.play.focus(options);
  }

  #act(event) {
    if (!event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !isAddressed(this, event.target)) return;
    const chord = `${event.shiftKey ? "Shift " : ""}${event.code}`;
    const action = {
      Space: () => this.toggle(),
      "Shift Space": () => this.replay(),
      ArrowLeft: () => this.back(),
      ArrowUp: () => this.changeSpeed(1),
      ArrowDown: () => this.changeSpeed(-1),
    }[chord];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #build() {
    this.setAttribute("role", "group");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", say("recording"));
    this.#sound = make("audio", { preload: "auto" });
    this.#slider = make("input", { type: "range", min: 0, max: 0, step: 0.01, value: 0, "aria-label": say("position") });
    this.#slider.value = 0;
    this.#wave = make("div", { class: "wave-box", dir: "ltr" }, waveform([]), this.#slider);
    this.append(this.#wave, this.#controls(), this.#sound);
    this.#listen();
    this.#sound.src = this.getAttribute("src") ?? "";
    this.#loadPeaks();
    this.#show();
  }

  #controls() {
    const button = (name, keys, act, style = "button small") => {
      const hint = make("kbd", { "aria-hidden": "true" }, keys);
      const node = make("button", { type: "button", class: style }, make("span", {}, say(name)), hint);
      node.addEventListener("click", act);
      this.#parts[name] = node;
      return node;
    };
    this.#parts.time = make("span", { class: "number audio-time" });
    this.#parts.rate = make("span", { class: "number audio-rate", role: "status" });
    const speed = make(
      "span",
      { class: "audio-speed" },
      button("slower", "Ctrl ↓", () => this.changeSpeed(-1)),
      this.#parts.rate,
      button("faster", "Ctrl ↑", () => this.changeSpeed(1)),
    );
    const controls = make(
      "div",
      { class: "audio-controls" },
      button("play", "Ctrl Space", () => this.toggle(), "button audio-play"),
      this.#parts.time,
      button("back", "Ctrl ←", () => this.back()),
      button("fromStart", "Ctrl ⇧ Space", () => this.replay()),
      speed,
    );
    controls.hidden = isOn(this, "no-controls");
    return controls;
  }

  #listen() {
    for (const name of ["loadedmetadata", "durationchange", "timeupdate", "seeked", "play", "pause", "ended", "ratechange"]) {
      this.#sound.addEventListener(name, () => this.#show());
    }
    this.#sound.addEventListener("play", () => this.#follow());
    this.#sound.addEventListener("error", () => this.#offerAgain());
    this.#slider.addEventListener("input", (event) => {
      event.stopPropagation();
      this.#seek(Number(this.#slider.value));
    });
    this.#slider.addEventListener("change", (event) => event.stopPropagation());
    this.#slider.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.ctrlKey) return;
      event.preventDefault();
      this.toggle();
    });
  }

  async #loadPeaks() {
    const given = this.getAttribute("peaks")?.trim();
    if (!given || given === "null") return;
    let peaks = null;
    try {
      peaks = given.startsWith("[") ? JSON.parse(given) : await (await fetch(given)).json();
    } catch {
      return; // The line stays plain; the recording plays all the same.
    }
    if (Array.isArray(peaks)) this.#wave.firstChild.replaceWith(waveform(peaks));
  }

  #seek(seconds) {
    this.#sound.currentTime = Math.min(Math.max(0, seconds), this.#sound.duration || 0);
    this.#show();
  }

  /** Moves the heard part with every frame while it plays: timeupdate comes only four times a second. */
  #follow() {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      this.#show();
      if (!this.#sound.paused) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #show() {
    const { currentTime, duration, paused, playbackRate } = this.#sound;
    const length = Number.isFinite(duration) ? duration : 0;
    this.#wave.style.setProperty("--heard", length ? String(currentTime / length) : "0");
    this.#slider.max = String(length);
    this.#slider.value = String(currentTime);
    // Only at rest: a screen reader would read out every frame.
    if (paused) this.#slider.setAttribute("aria-valuetext", say("positionText", { at: clock(currentTime), length: clock(length) }));
    setText(this.#parts.time, `${clock(currentTime)} / ${clock(length)}`);
    setText(this.#parts.play.firstChild, say(paused ? "play" : "pause"));
    setText(this.#parts.rate, `${playbackRate}×`);
  }

  #offerAgain() {
    if (this.querySelector(".notice")) return;
    const button = make("button", { type: "button", class: "button small" }, say("tryAgain"));
    const notice = make("div", { class: "notice bad", role: "alert" }, make("p", {}, say("soundFailed")), button);
    button.addEventListener("click", () => {
      notice.remove();
      this.#sound.load();
    });
    this.append(notice);
  }
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Seconds as m:ss.t. */
function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const rest = String(Math.floor(tenths / 10) % 60).padStart(2, "0");
  return `${Math.floor(tenths / 600)}:${rest}.${tenths % 10}`;
}

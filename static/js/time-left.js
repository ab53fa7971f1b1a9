// Counts down the time left for an assignment, and says so when it gets short.

import { say } from "../elements/words.js";

const SHORT_SECONDS = 120;

/** Seconds as m:ss, or as h:mm:ss from one hour on. */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Starts from data-seconds-left; gives back what stops it. */
export function startCountdown(main, { announce, onEnd }) {
  const given = main.dataset.secondsLeft?.trim();
  if (!given || !Number.isFinite(Number(given))) return () => {};
  const endsAt = Date.now() + Number(given) * 1000;
  const shown = main.querySelector("[data-time-left]");
  let wasLong = Number(given) > SHORT_SECONDS;
  let timer = 0;

  const tick = () => {
    const seconds = (endsAt - Date.now()) / 1000;
    if (shown) {
      shown.textContent = say("timeLeft", { time: clock(seconds) });
      shown.classList.toggle("is-short", seconds <= SHORT_SECONDS);
    }
    if (wasLong && seconds <= SHORT_SECONDS) {
      wasLong = false;
      announce(say("twoMinutes"));
    }
    if (seconds <= 0) {
      clearInterval(timer);
      onEnd();
    }
  };
  timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}

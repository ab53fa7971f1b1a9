// Draws a recording's loudness as bars; the part already heard is drawn again in the accent colour over them.

import { draw, make } from "./dom.js";

const BAR_COUNT = 200;
const HEIGHT = 100;

/** The loudest peak of each of at most `count` equal stretches, scaled so that the loudest bar is full. */
export function bars(peaks, count = BAR_COUNT) {
  const values = peaks.map((peak) => Math.abs(Number(peak))).map((peak) => (Number.isFinite(peak) ? peak : 0));
  const wanted = Math.min(count, values.length);
  const stretches = Array.from({ length: wanted }, (_, index) => {
    const from = Math.floor((index * values.length) / wanted);
    const to = Math.max(from + 1, Math.floor(((index + 1) * values.length) / wanted));
    return values.slice(from, to).reduce((loudest, peak) => Math.max(loudest, peak), 0);
  });
  const loudest = stretches.reduce((most, peak) => Math.max(most, peak), 0);
  return loudest > 0 ? stretches.map((peak) => peak / loudest) : stretches;
}

function outline(heights) {
  return heights
    .map((height, index) => {
      const half = Math.max(1.5, (height * (HEIGHT - 4)) / 2);
      return `M${index + 0.5} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`;
    })
    .join("");
}

function layer(heights, className) {
  const path = draw("path", { d: outline(heights), "vector-effect": "non-scaling-stroke" });
  const viewBox = `0 0 ${heights.length} ${HEIGHT}`;
  return draw("svg", { class: className, viewBox, preserveAspectRatio: "none", "aria-hidden": "true" }, path);
}

/** The drawing; without peaks, a plain line. How much is heard is the CSS property --heard, 0..1. */
export function waveform(peaks) {
  const heights = peaks.length ? bars(peaks) : Array.from({ length: BAR_COUNT }, () => 0);
  return make("div", { class: "wave" }, layer(heights, "wave-all"), layer(heights, "wave-heard"));
}

// Small live charts of the last two minutes, in SVG: lines, or shares stacked to the whole.
// Each point is one whole second. A second in which nothing was seen is a gap, never a line drawn across.

import { h, svg } from "./dom.js";

export const SPAN_SECONDS = 120;
const WIDTH = 240;
const HEIGHT = 60;
const EDGE = 2;

const rounded = (number) => Math.round(number * 10) / 10;
const x = (t, now) => rounded(WIDTH * (1 - (now - t) / SPAN_SECONDS));
const y = (value, top) => rounded(HEIGHT - EDGE - (Math.min(value, top) / top) * (HEIGHT - 2 * EDGE));

// The points, cut wherever a second is missing or has no value.
function runs(points) {
  const found = [];
  let before = null;
  for (const point of points) {
    const [t, value] = point;
    if (value !== null) {
      if (before !== null && t - before <= 1) found.at(-1).push(point);
      else found.push([point]);
    }
    before = value === null ? null : t;
  }
  return found;
}

// A run of one second is a dot: the line's round end.
function linePath(points, now, top) {
  const one = (run) => (run.length > 1 ? run : [run[0], run[0]]).map(([t, value]) => `${x(t, now)} ${y(value, top)}`).join("L");
  return runs(points).map((run) => `M${one(run)}`).join("");
}

// A share stands for the whole second that it was counted in.
function areaPath(points, now) {
  const edge = (run, place) => run.flatMap((point) => [point[0] - 1, point[0]].map((t) => `${x(t, now)} ${y(point[place], 1)}`));
  return runs(points).map((run) => `M${edge(run, 2).join("L")}L${edge(run, 1).reverse().join("L")}Z`).join("");
}

// The smallest round number that leaves the highest value a little air.
function scale(highest, least) {
  const wanted = Math.max(least, highest * 1.05);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 1.5, 2, 3, 5, 7.5, 10].find((factor) => factor * power >= wanted * (1 - 1e-9));
  return step * power;
}

export function figures(list) {
  return h("p", { class: "figures" }, ...list.map(({ tint, words }) => h("span", { tint }, words)));
}

function frame(title, summary, latest, paths, top) {
  const grid = [0, 0.5, 1].map((part) => svg("line", { x1: 0, x2: WIDTH, y1: y(part, 1), y2: y(part, 1) }));
  const view = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": summary };
  return h(
    "div",
    { class: "chart" },
    h("header", {}, h("h3", {}, title), figures(latest)),
    h("div", { class: "plot" }, svg("svg", view, ...grid, ...paths), h("span", { "aria-hidden": "true" }, top)),
  );
}

const words = (value, format) => (value === null || value === undefined ? "–" : format(value));

// `value` picks a number from what was seen of a version in one second; null where there is none.
export function lineChart({ title, history, now, versions, value, format, least, most = Infinity }) {
  const lines = versions.map((version) => ({
    ...version,
    points: history.map((moment) => [moment.t, value(moment.by_version[version.name])]),
  }));
  const highest = Math.max(0, ...lines.flatMap((line) => line.points.map(([, held]) => held ?? 0)));
  const top = Math.min(most, scale(highest, least));
  const paths = lines.map((line) => svg("path", { d: linePath(line.points, now, top), tint: line.tint }));
  const latest = lines.map((line) => ({ tint: line.tint, words: words(line.points.at(-1)?.[1], format) }));
  const summary = `${title}: ${lines.map((line, index) => `${line.name} ${latest[index].words}`).join(", ")}`;
  return frame(title, summary, latest, paths, format(top));
}

export function shareChart({ title, history, now, versions, format }) {
  const bands = versions.map((version) => ({ ...version, points: [] }));
  for (const moment of history) {
    let low = 0;
    for (const band of bands) {
      const share = moment.by_version[band.name]?.share ?? 0;
      band.points.push([moment.t, low, low + share]);
      low += share;
    }
  }
  const paths = bands.map((band) => svg("path", { class: "area", d: areaPath(band.points, now), tint: band.tint }));
  const latest = bands.map((band) => {
    const [, low, high] = band.points.at(-1) ?? [0, 0, 0];
    return { tint: band.tint, words: format(high - low) };
  });
  const summary = `${title}: ${bands.map((band, index) => `${band.name} ${latest[index].words}`).join(", ")}`;
  return frame(title, summary, latest, paths, format(1));
}

// Small live charts of the last two minutes, in SVG: lines, or shares stacked to the whole.

import { h, svg } from "./dom.js";

export const SPAN_SECONDS = 120;
const WIDTH = 240;
const HEIGHT = 60;

const x = (t, now) => Math.round((WIDTH - ((now - t) / SPAN_SECONDS) * WIDTH) * 10) / 10;
const y = (value, top) => Math.round((HEIGHT - (Math.min(value, top) / top) * (HEIGHT - 3)) * 10) / 10;

// A second without requests has no error rate and no latency: the line has a gap there.
function linePath(points, now, top) {
  let path = "";
  let isDrawing = false;
  for (const [t, value] of points) {
    if (value === null) isDrawing = false;
    else {
      path += `${isDrawing ? "L" : "M"}${x(t, now)} ${y(value, top)}`;
      isDrawing = true;
    }
  }
  return path;
}

function areaPath(points, now) {
  if (!points.length) return "";
  const upper = points.map(([t, , high]) => `${x(t, now)} ${y(high, 1)}`);
  const lower = points.map(([t, low]) => `${x(t, now)} ${y(low, 1)}`).reverse();
  return `M${upper.join("L")}L${lower.join("L")}Z`;
}

function frame(title, summary, latest, paths, top) {
  const grid = [0.25, 0.5, 0.75].map((part) => svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT * part, y2: HEIGHT * part }));
  const view = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": summary };
  return h(
    "div",
    { class: "chart" },
    h("header", {}, h("h3", {}, title), h("p", { class: "latest" }, ...latest.map(({ tint, words }) => h("span", { tint }, words)))),
    svg("svg", view, ...grid, ...paths),
    h("div", { class: "axis", "aria-hidden": "true" }, h("span", {}, "2 min ago"), h("span", {}, top), h("span", {}, "now")),
  );
}

export function lineChart({ title, history, versions, value, format, least }) {
  const now = history.at(-1)?.t ?? 0;
  const lines = versions.map((version) => ({
    ...version,
    points: history.map((moment) => [moment.t, value(moment.by_version[version.name])]),
  }));
  const highest = Math.max(0, ...lines.flatMap((line) => line.points.map(([, held]) => held ?? 0)));
  const top = Math.max(least, highest * 1.15);
  const paths = lines.map((line) => svg("path", { d: linePath(line.points, now, top), tint: line.tint }));
  const latest = lines.map((line) => ({ tint: line.tint, words: words(line.points.at(-1)?.[1], format) }));
  const summary = `${title}: ${lines.map((line, index) => `${line.name} ${latest[index].words}`).join(", ")}`;
  return frame(title, summary, latest, paths, `0 to ${format(top)}`);
}

const words = (value, format) => (value === null || value === undefined ? "–" : format(value));

export function shareChart({ title, history, versions, format }) {
  const now = history.at(-1)?.t ?? 0;
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
  return frame(title, summary, latest, paths, "");
}

// One service as it really is: ordered and observed split, charts by version, pods.

import { figures, lineChart, shareChart } from "./chart.js";
import { h } from "./dom.js";

const TINTS = ["var(--v0)", "var(--v1)", "var(--v2)", "var(--v3)"];
const NOBODY = "no pod answered";
const remembered = new Map();

// A version keeps its colour for as long as the page is open, also when it moves from canary to stable.
function tintOf(service, version) {
  if (version === NOBODY) return "var(--danger)";
  const known = remembered.get(service) ?? new Map();
  remembered.set(service, known);
  if (!known.has(version)) known.set(version, TINTS[known.size % TINTS.length]);
  return known.get(version);
}

// As exact as it matters: 0.12 %, 4.8 %, 75.2 %, 100 %.
export const percent = (share) => {
  const value = share * 100;
  return `${Number(value.toFixed(value < 1 ? 2 : 1))} %`;
};

export function serviceView(service, now) {
  const versions = service.versions.map((version) => ({ ...version, name: version.version, tint: tintOf(service.name, version.version) }));
  const rps = versions.reduce((sum, version) => sum + version.rps, 0);
  const seen = (pick) => (sample) => (sample && sample.rps > 0 ? pick(sample) : null);
  const drawn = { history: service.history, now, versions: [...versions, ...gone(service)] };
  return h(
    "div",
    {},
    legend(versions, rps),
    splits(service, versions),
    shareChart({ ...drawn, title: "Share of requests", format: percent }),
    lineChart({ ...drawn, title: "Error rate", value: seen((s) => s.error_rate), format: percent, least: 0.02, most: 1 }),
    lineChart({ ...drawn, title: "Latency, p95", value: seen((s) => s.p95_ms), format: (ms) => `${Math.round(ms)} ms`, least: 100 }),
    h("div", { class: "axis", "aria-hidden": "true" }, h("span", {}, "2 min ago"), h("span", {}, "one point a second"), h("span", {}, "now")),
    pods(versions),
  );
}

// Versions that served within the last two minutes and run no more: what they did stays in the charts.
function gone(service) {
  const running = new Set(service.versions.map((version) => version.version));
  const served = new Set(service.history.flatMap((moment) => Object.keys(moment.by_version)));
  return [...served].filter((name) => !running.has(name)).map((name) => ({ name, tint: tintOf(service.name, name) }));
}

function legend(versions, rps) {
  const one = (version) =>
    h(
      "span",
      { tint: version.tint },
      h("i"),
      h("b", {}, version.name),
      h("small", {}, version.name === NOBODY ? "" : version.track),
      version.trouble ? h("small", { class: "state bad" }, version.trouble) : null,
    );
  return h("div", { class: "legend" }, ...versions.map(one), h("small", {}, `${rps.toFixed(rps < 10 ? 1 : 0)} requests/s`));
}

function splits(service, versions) {
  return h(
    "dl",
    { class: "split" },
    h("dt", {}, "Ordered"),
    ...bar(orderedParts(service.weights_ordered, versions), "no weights in the route yet"),
    h("dt", { title: "Of all requests in the last 5 seconds" }, "Observed"),
    ...bar(versions.map((version) => ({ ...version, part: version.share })), "no requests"),
  );
}

// The route orders shares of tracks; a track has the colour of the version that runs on it.
function orderedParts(weights, versions) {
  const total = weights ? weights.stable + weights.canary : 0;
  if (!total) return [];
  return ["stable", "canary"].map((track) => {
    const tint = versions.find((version) => version.track === track)?.tint ?? "var(--ink-3)";
    return { name: track, tint, part: weights[track] / total };
  });
}

function bar(parts, otherwise) {
  const shown = parts.filter((one) => one.part > 0);
  if (!shown.length) return [h("dd", {}, h("div", { class: "bar" }, h("em", {}, otherwise))), h("dd")];
  const segments = shown.map((one) => {
    const segment = h("span", { tint: one.tint, title: `${one.name}: ${percent(one.part)}` });
    segment.style.flexGrow = String(Math.max(one.part, 0.012));
    return segment;
  });
  const summary = shown.map((one) => `${one.name} ${percent(one.part)}`).join(", ");
  const numbers = shown.map((one) => ({ tint: one.tint, words: percent(one.part) }));
  return [h("dd", {}, h("div", { class: "bar", role: "img", "aria-label": summary }, ...segments)), h("dd", {}, figures(numbers))];
}

function pods(versions) {
  const rows = versions.flatMap((version) => version.pods.map((pod) => podRow(pod, version)));
  return h("div", { class: "pods" }, h("h3", {}, "Pods"), h("ul", {}, ...rows));
}

function podRow(pod, version) {
  const words = pod.reason || (pod.ready ? "Ready" : pod.phase === "Running" ? "Not ready" : pod.phase);
  const kind = pod.ready ? "good" : pod.reason && pod.reason !== "Terminating" ? "bad" : "wait";
  return h(
    "li",
    { tint: version.tint },
    h("i", { title: `${version.name} ${version.track}` }),
    h("span", { class: "mono", title: pod.name }, pod.name),
    h("span", { class: `state ${kind}` }, words),
  );
}

// One service as it really is: ordered and observed split, charts by version, pods.

import { lineChart, shareChart } from "./chart.js";
import { h } from "./dom.js";

const TINTS = ["var(--v0)", "var(--v1)", "var(--v2)", "var(--v3)"];
const remembered = new Map();

// A version keeps its colour for as long as the page is open, also when it moves from canary to stable.
function tintOf(service, version) {
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

export function serviceView(service) {
  const stableFirst = [...service.versions].sort((a, b) => (a.track === b.track ? 0 : a.track === "stable" ? -1 : 1));
  const versions = stableFirst.map((version) => ({ ...version, name: version.version, tint: tintOf(service.name, version.version) }));
  const rps = versions.reduce((sum, version) => sum + version.rps, 0);
  const history = service.history;
  const seen = (pick) => (sample) => (sample && sample.rps > 0 ? pick(sample) : null);
  return h(
    "div",
    {},
    legend(versions, rps),
    splits(service, versions),
    shareChart({ title: "Share of requests", history, versions, format: percent }),
    lineChart({ title: "Error rate", history, versions, value: seen((s) => s.error_rate), format: percent, least: 0.02 }),
    lineChart({ title: "Latency, p95", history, versions, value: seen((s) => s.p95_ms), format: (ms) => `${Math.round(ms)} ms`, least: 50 }),
    pods(versions),
  );
}

function legend(versions, rps) {
  const one = (version) =>
    h("span", { tint: version.tint }, h("i"), h("b", {}, version.name), h("small", {}, version.track));
  return h("div", { class: "legend" }, ...versions.map(one), h("small", {}, `${rps.toFixed(rps < 10 ? 1 : 0)} requests/s`));
}

function splits(service, versions) {
  const ordered = service.weights_ordered;
  const total = ordered ? ordered.stable + ordered.canary : 0;
  const orderedParts = total
    ? versions.map((version) => ({ ...version, part: ordered[version.track] / total }))
    : null;
  const observedParts = versions.map((version) => ({ ...version, part: version.share }));
  return h(
    "dl",
    { class: "split" },
    h("dt", {}, "Ordered"),
    h("dd", {}, orderedParts ? bar(orderedParts) : h("div", { class: "bar" }, h("em", {}, "no weights in the route yet"))),
    h("dt", {}, "Observed"),
    h("dd", {}, bar(observedParts)),
  );
}

function bar(parts) {
  const shown = parts.filter((one) => one.part > 0);
  if (!shown.length) return h("div", { class: "bar" }, h("em", {}, "no requests"));
  const segments = shown.map((one) => {
    const segment = h("span", { tint: one.tint, title: `${one.name}: ${percent(one.part)}` }, one.part > 0.13 ? percent(one.part) : "");
    segment.style.flexGrow = String(Math.max(one.part, 0.012));
    return segment;
  });
  const summary = shown.map((one) => `${one.name} ${percent(one.part)}`).join(", ");
  return h("div", { class: "bar", role: "img", "aria-label": summary }, ...segments);
}

function pods(versions) {
  const rows = versions.flatMap((version) => version.pods.map((pod) => podRow(pod, version)));
  return h("div", { class: "pods" }, h("h3", {}, "Pods"), h("ul", {}, ...rows));
}

function podRow(pod, version) {
  const words = pod.reason || (pod.ready ? "Ready" : pod.phase === "Running" ? "Not ready" : pod.phase);
  const kind = pod.ready ? "good" : pod.reason ? "bad" : "wait";
  return h(
    "li",
    { tint: version.tint },
    h("i", { title: `${version.name} ${version.track}` }),
    h("span", { class: "mono", title: pod.name }, pod.name),
    h("span", { class: `state ${kind}` }, words),
  );
}

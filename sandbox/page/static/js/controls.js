// What a person can do to the world. Built once; only states and choices change, so focus is never lost.

import { world } from "./api.js";
import { h } from "./dom.js";

const PARTS = [
  ["bot", "Bot"],
  ["redis", "Redis"],
  ["prometheus", "Prometheus"],
  ["envoy", "Envoy"],
  ["kubernetes", "Kubernetes"],
];
const STOPPABLE = ["redis", "prometheus"];

const field = (label, input) => h("label", {}, label, input);
const number = (value, most, step = 1) =>
  h("input", { class: "field", type: "number", min: 0, max: most, step, value, inputmode: "decimal", required: true });

export class Controls {
  constructor(place, examples, afterwards) {
    this.examples = examples;
    this.afterwards = afterwards;
    this.service = null;
    this.version = h("select", { class: "field" });
    this.errors = number(30, 100, "any");
    this.latency = number(0, 60000, "any");
    this.crash = h("input", { type: "checkbox" });
    this.stable = number(50, 1000);
    this.canary = number(50, 1000);
    this.load = number(50, 2000, "any");
    this.parts = new Map();
    this.said = h("p", { class: "said", role: "status" });
    place.append(h("div", { class: "controls" }, this.trouble(), this.machinery(), this.route()));
  }

  target() {
    return { service: this.service, version: this.version.value };
  }

  trouble() {
    const damage = () => ({ errors: this.errors.valueAsNumber / 100, latency_ms: this.latency.valueAsNumber, crash: this.crash.checked });
    return h(
      "form",
      { class: "card", onsubmit: (event) => event.preventDefault() },
      h("h3", {}, "Make a version fail"),
      h("div", { class: "row" }, field("Version", this.version), field("Errors, %", this.errors), field("Added latency, ms", this.latency)),
      h(
        "div",
        { class: "row" },
        h("label", { class: "check" }, this.crash, "Crash loop"),
        this.act("Break it", "danger", () => world("break_version", { ...this.target(), ...damage() })),
        this.act("Heal", "", () => world("heal", this.target())),
        this.act("Fire alert", "", () => this.alert()),
      ),
      this.said,
    );
  }

  async alert() {
    this.said.textContent = "";
    const said = await world("fire_alert", this.target());
    this.said.textContent = said ? `The bot answered the alert: ${said}` : "";
  }

  machinery() {
    return h("div", { class: "card" }, h("h3", {}, "Parts"), h("ul", { class: "parts" }, ...PARTS.map((part) => this.part(...part))));
  }

  part(name, label) {
    const state = h("span", { class: "state" }, "unknown");
    const press = () => {
      const isRunning = state.textContent === "running";
      if (name === "bot") return world(isRunning ? "kill_bot" : "start_bot");
      return world(isRunning ? "stop" : "start", { part: name });
    };
    const button = name === "bot" || STOPPABLE.includes(name) ? this.act("Stop", "", press) : h("span");
    this.parts.set(name, { state, button, label });
    return h("li", {}, h("b", {}, label), state, button);
  }

  route() {
    const weights = () => ({ service: this.service, stable: this.stable.valueAsNumber, canary: this.canary.valueAsNumber });
    return h(
      "form",
      { class: "card", onsubmit: (event) => event.preventDefault() },
      h("h3", {}, "Route and load"),
      h(
        "div",
        { class: "row" },
        field("Stable weight", this.stable),
        field("Canary weight", this.canary),
        this.act("Edit VirtualService", "", () => world("edit_route", weights())),
      ),
      h(
        "div",
        { class: "row" },
        field("Load, requests/s", this.load),
        this.act("Set load", "", () => world("set_load", { service: this.service, rps: this.load.valueAsNumber })),
      ),
    );
  }

  // Brings choices and states up to date with what was measured.
  update(service, parts) {
    for (const [name, held] of this.parts) this.showPart(name, held, parts[name] ?? "unknown");
    if (!service) return;
    const running = service.versions.map((version) => version.version).filter((name) => name.startsWith("v"));
    const coming = this.coming(service.name).filter((name) => !running.includes(name));
    const names = [...running, ...coming];
    const isOther = this.service !== service.name;
    if (!isOther && names.join() === this.names) return;
    const canary = service.versions.find((version) => version.track === "canary");
    const chosen = canary?.version ?? coming[0] ?? (isOther ? running[0] : this.version.value);
    this.version.replaceChildren(...names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
    if (isOther) this.load.value = Math.round(service.versions.reduce((sum, version) => sum + version.rps, 0) / 10) * 10;
    this.service = service.name;
    this.names = names.join();
  }

  // Versions that the example commands release: they may be broken before they run.
  coming(service) {
    const found = this.examples.map((line) => new RegExp(`^/\\S+ ${service} (v\\S+)`).exec(line)?.[1]);
    return [...new Set(found.filter(Boolean))];
  }

  showPart(name, { state, button, label }, words) {
    const isRunning = words === "running";
    state.textContent = words;
    state.className = `state ${isRunning ? "good" : words === "stopped" ? "bad" : "wait"}`;
    if (button.tagName !== "BUTTON") return;
    button.textContent = isRunning ? (name === "bot" ? "Kill -9" : "Stop") : "Start";
    button.setAttribute("aria-label", `${button.textContent} ${label}`);
  }

  // A button that shows what it changed as soon as it is done.
  act(words, kind, press) {
    const button = h("button", { class: `button ${kind}`, type: "button" }, words);
    button.addEventListener("click", async () => {
      const wrong = button.closest("form")?.querySelector("input:invalid");
      if (wrong) wrong.reportValidity();
      if (wrong || button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      await press();
      await this.afterwards();
      button.removeAttribute("aria-busy");
    });
    return button;
  }
}

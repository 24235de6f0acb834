// Starts the page: who one is, the channel, the cluster beside it.

import { setup, telemetry } from "./api.js";
import { Composer } from "./composer.js";
import { Controls } from "./controls.js";
import { serviceView } from "./cluster.js";
import { byId, h } from "./dom.js";
import { avatar } from "./messages.js";
import { lastPersona, startTabs, startTheme } from "./settings.js";
import { Workspace } from "./workspace.js";

const STEP_MILLISECONDS = 1000;

function personaSwitch(personas, workspace) {
  const known = personas.find((one) => one.id === lastPersona()) ?? personas[0];
  const label = (one) => {
    const change = () => workspace.become(one.id);
    const radio = h("input", {
      type: "radio",
      name: "persona",
      value: one.id,
      checked: one === known,
      "aria-label": `${one.name}, ${one.title}`,
      onchange: change,
    });
    const words = h("span", {}, h("b", {}, one.name), h("small", {}, one.title));
    return h("label", {}, radio, avatar({ ...one, real_name: one.name.toUpperCase() }, "small"), words);
  };
  byId("personas").append(...personas.map(label));
  workspace.become(known.id);
}

// The newest whole second: where nothing was seen since, the charts move on all the same.
const lastSecond = (service, now) => Math.max(service.history.at(-1)?.t ?? 0, Math.floor(now) - 1);

class Cluster {
  constructor(examples) {
    this.selected = null;
    this.names = "";
    this.controls = new Controls(byId("controls"), examples, () => this.step());
  }

  async step() {
    const shown = await telemetry().catch(() => null);
    if (shown) this.draw(shown);
  }

  draw({ services, parts, now }) {
    const names = services.map((one) => one.name).join();
    if (names !== this.names) this.choices(services);
    this.names = names;
    this.latest = { services, parts, now };
    const service = services.find((one) => one.name === this.selected) ?? services[0];
    byId("service").replaceChildren(...(service ? [serviceView(service, lastSecond(service, now))] : [h("p", {}, "No service yet.")]));
    this.controls.update(service, parts);
  }

  choices(services) {
    this.selected = services.some((one) => one.name === this.selected) ? this.selected : services[0]?.name;
    const choose = (name) => {
      this.selected = name;
      this.draw(this.latest);
    };
    const label = ({ name }) => {
      const checked = name === this.selected;
      const radio = h("input", { type: "radio", name: "service", value: name, checked, onchange: () => choose(name) });
      return h("label", {}, radio, name);
    };
    byId("services").replaceChildren(h("legend", { class: "quiet" }, "Service"), ...services.map(label));
  }
}

async function start() {
  startTheme();
  startTabs();
  const asked = setup();
  const opened = asked.then(({ suggestions }) => new Workspace(suggestions));
  const composer = new Composer(async (text) => (await opened).send(text));
  const { personas, suggestions } = await asked;
  const workspace = await opened;
  composer.examples = suggestions;
  personaSwitch(personas, workspace);
  const cluster = new Cluster(suggestions);
  for (;;) {
    await cluster.step();
    await new Promise((resume) => setTimeout(resume, STEP_MILLISECONDS));
  }
}

start();

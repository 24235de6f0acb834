// The line people type in: example commands while they type, what they typed before with the arrow.

import { byId, h } from "./dom.js";

const MOST_SUGGESTED = 8;

export class Composer {
  constructor(send) {
    this.examples = [];
    this.history = [];
    this.position = 0;
    this.chosen = -1;
    this.input = byId("composer-input");
    this.list = byId("suggestions");
    this.input.addEventListener("input", () => this.suggest());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.hide(), 120));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(send);
    });
  }

  async submit(send) {
    const text = this.input.value.trim();
    if (!text) return;
    this.history = [...this.history.filter((line) => line !== text), text];
    this.position = this.history.length;
    this.fill("");
    await send(text);
  }

  fill(text) {
    this.input.value = text;
    this.hide();
    this.input.setSelectionRange(text.length, text.length);
  }

  suggest() {
    const typed = this.input.value.toLowerCase().trimStart();
    const known = [...new Set([...this.history.filter((line) => line.startsWith("/")).reverse(), ...this.examples])];
    const fitting = typed.startsWith("/") ? known.filter((line) => line.toLowerCase().includes(typed)) : [];
    const shown = fitting.filter((line) => line !== this.input.value).slice(0, MOST_SUGGESTED);
    if (!shown.length) {
      this.hide();
      return;
    }
    const option = (line, index) =>
      h("li", { role: "option", id: `suggestion-${index}`, "aria-selected": "false", onmousedown: (event) => this.pick(event, line) }, line);
    this.list.replaceChildren(...shown.map(option));
    this.list.hidden = false;
    this.chosen = -1;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
  }

  pick(event, line) {
    event.preventDefault();
    this.fill(line);
    this.input.focus();
  }

  hide() {
    this.list.hidden = true;
    this.chosen = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const isOpen = !this.list.hidden;
    const selected = this.list.children[this.chosen];
    if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      this.hide();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && isOpen) {
      event.preventDefault();
      this.choose(event.key === "ArrowDown" ? 1 : -1);
    } else if ((event.key === "Enter" || event.key === "Tab") && isOpen && selected) {
      event.preventDefault();
      this.fill(selected.textContent);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      this.recall(event.key === "ArrowUp" ? -1 : 1);
    }
  }

  choose(step) {
    const count = this.list.children.length;
    this.chosen = (this.chosen + step + count + (this.chosen < 0 && step < 0 ? 1 : 0)) % count;
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.chosen)));
    this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `suggestion-${this.chosen}`);
  }

  recall(step) {
    this.position = Math.max(0, Math.min(this.history.length, this.position + step));
    this.fill(this.history[this.position] ?? "");
  }
}

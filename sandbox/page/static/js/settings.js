// Theme and view: small choices that are remembered.

import { byId } from "./dom.js";

const kept = (name) => localStorage.getItem(`lockmaster.${name}`);
const keep = (name, value) => localStorage.setItem(`lockmaster.${name}`, value);

// Who one is: each window its own person, also after a reload; a new window begins as the last one chosen.
export const lastPersona = () => sessionStorage.getItem("lockmaster.persona") ?? kept("persona");
export function keepPersona(user) {
  sessionStorage.setItem("lockmaster.persona", user);
  keep("persona", user);
}

// Without a choice the system's scheme holds; `light-dark()` in the style sheets follows it by itself.
export function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = byId("theme");
  const isDark = () => (kept("theme") ? kept("theme") === "dark" : system.matches);
  const apply = () => {
    if (kept("theme")) document.documentElement.dataset.theme = kept("theme");
    button.setAttribute("aria-pressed", String(isDark()));
  };
  button.addEventListener("click", () => {
    keep("theme", isDark() ? "light" : "dark");
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

export function startTabs() {
  const buttons = [...document.querySelectorAll(".tabs button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      document.body.dataset.view = button.dataset.view;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    });
  }
}

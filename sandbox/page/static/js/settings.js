// Theme and view: small choices that are remembered.

import { byId } from "./dom.js";

const kept = (name) => localStorage.getItem(`lockmaster.${name}`);
export const keep = (name, value) => localStorage.setItem(`lockmaster.${name}`, value);
export { kept };

export function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = byId("theme");
  const apply = () => {
    const isDark = kept("theme") ? kept("theme") === "dark" : system.matches;
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark));
  };
  button.addEventListener("click", () => {
    keep("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
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

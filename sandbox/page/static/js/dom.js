// Builds elements without ever parsing HTML: what the bot wrote stays text.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "tint") element.style.setProperty("--tint", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "tint") element.style.setProperty("--tint", value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const byId = (id) => document.getElementById(id);

// Brings a list into the wanted order and state. Only items whose signature changed are built anew, so that
// focus and what is being typed elsewhere survive; focus inside a rebuilt item returns to its `data-key`.
export function reconcile(list, items, build) {
  const held = new Map([...list.children].map((node) => [node.dataset.id, node]));
  let place = list.firstChild;
  for (const item of items) {
    const signature = JSON.stringify(item);
    let node = held.get(item.id);
    held.delete(item.id);
    if (!node || node.signature !== signature) {
      const fresh = build(item);
      fresh.dataset.id = item.id;
      fresh.signature = signature;
      if (node) {
        if (place === node) place = fresh;
        const key = focusedKey(node);
        node.replaceWith(fresh);
        if (key) refocus(fresh, key);
      }
      node = fresh;
    }
    if (place === node) place = place.nextSibling;
    else list.insertBefore(node, place);
  }
  for (const gone of held.values()) gone.remove();
}

function focusedKey(node) {
  if (!node.contains(document.activeElement)) return null;
  return document.activeElement.dataset.key ?? "";
}

function refocus(node, key) {
  const same = key && [...node.querySelectorAll("[data-key]")].find((part) => part.dataset.key === key);
  const next = same || node.querySelector("button, select, input");
  (next || document.getElementById("composer-input")).focus({ preventScroll: true });
}

let toastTimer = 0;

export function toast(words) {
  const element = byId("toast");
  element.textContent = words;
  element.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    element.classList.remove("shown");
    element.textContent = "";
  }, 6000);
}

export function announce(words) {
  const log = byId("announcer");
  log.append(h("span", {}, words));
  while (log.children.length > 20) log.firstChild.remove();
}

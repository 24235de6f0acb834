// The modal an app opened: a native dialog; Esc closes it and tells the app where it asked for that.

import { act } from "./api.js";
import { blocks } from "./blocks.js";
import { byId, h, toast } from "./dom.js";

let shownView = null;
let entered = {};

// Shows the modal that is open for a person, or none; keeps what was typed while the view stays the same.
export function showModal(view, user, names) {
  const dialog = byId("view-dialog");
  const mark = view ? `${user}:${view.id}:${view.hash}` : null;
  if (mark === shownView) return;
  shownView = mark;
  entered = {};
  if (!view) {
    dialog.close();
    if (document.activeElement === document.body) byId("composer-input").focus();
    return;
  }
  draw(dialog, view, user, names, {});
  if (!dialog.open) dialog.showModal();
  dialog.onclose = () => {
    if (shownView === mark) act("close", { user });
  };
}

function draw(dialog, view, user, names, errors) {
  const context = {
    names,
    errors,
    state: entered,
    act: (part, block, value) => {
      const where = { action_id: part.action_id, block_id: block.block_id };
      return act("press", { user, ...where, value, state: entered });
    },
  };
  const submit = view.submit
    ? h("button", { class: "button primary", type: "submit", disabled: view.submit_disabled }, view.submit.text)
    : null;
  const close = h("button", { class: "button", type: "button", onclick: () => act("close", { user }) }, view.close?.text ?? "Cancel");
  dialog.replaceChildren(
    h(
      "form",
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          if (submit) send(dialog, view, user, names, submit);
        },
      },
      h("header", {}, h("h2", { id: "view-title" }, view.title.text)),
      h("div", { class: "body" }, blocks(view.blocks, context)),
      h("footer", {}, close, submit),
    ),
  );
}

async function send(dialog, view, user, names, submit) {
  submit.setAttribute("aria-busy", "true");
  const seen = await act("submit", { user, values: entered });
  submit.removeAttribute("aria-busy");
  if (!seen) return;
  if (seen.failure) toast(seen.failure);
  const wrong = Object.keys(seen.errors);
  if (!wrong.length) return;
  draw(dialog, view, user, names, seen.errors);
  byId(`input-${wrong[0]}`)?.focus();
}

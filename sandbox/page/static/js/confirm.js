// The confirm dialog of an element: native, so focus stays inside and Esc means no.

import { byId, h } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";

// `key` finds the pressed element again when its message was redrawn meanwhile.
export function confirm(object, names, key) {
  const dialog = byId("confirm-dialog");
  const words = object.text.type === "mrkdwn" ? mrkdwn(object.text.text, names) : plain(object.text.text);
  const go = `button solid ${object.style === "danger" ? "danger" : "primary"}`;
  return new Promise((resolve) => {
    dialog.onclose = () => {
      if (document.activeElement === document.body) document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
      resolve(dialog.returnValue === "yes");
    };
    dialog.returnValue = "";
    dialog.replaceChildren(
      h(
        "form",
        { method: "dialog" },
        h("header", {}, h("h2", { id: "confirm-title" }, object.title.text)),
        h("div", { class: "body" }, words),
        h(
          "footer",
          {},
          h("button", { class: "button", value: "no" }, object.deny.text),
          h("button", { class: go, value: "yes", autofocus: true }, object.confirm.text),
        ),
      ),
    );
    dialog.showModal();
  });
}

// Interactive elements: buttons, selects, boxes, text inputs. What is entered lives in `context.state`.

import { confirm } from "./confirm.js";
import { h } from "./dom.js";
import { emojis, inline } from "./mrkdwn.js";

const keyOf = (part, block) => `${block.block_id}/${part.action_id}`;

export function element(part, block, context) {
  switch (part.type) {
    case "button":
      return button(part, block, context);
    case "image":
      return h("img", { src: part.image_url ?? `/files/${part.slack_file?.id}/image`, alt: part.alt_text });
    case "checkboxes":
    case "radio_buttons":
      return choice(part, block, context);
    default:
      return inputControl(part, block, context, { "aria-label": part.placeholder?.text ?? part.action_id });
  }
}

export function button(part, block, context) {
  const press = async (event) => {
    const node = event.currentTarget;
    if (node.getAttribute("aria-busy") === "true") return;
    if (part.confirm && !(await confirm(part.confirm, context.names, keyOf(part, block)))) return;
    node.setAttribute("aria-busy", "true");
    await context.act(part, block, undefined);
    node.removeAttribute("aria-busy");
  };
  const attributes = {
    class: `button ${part.style ?? ""}`,
    "data-key": keyOf(part, block),
    "aria-label": part.accessibility_label,
    onclick: press,
  };
  if (part.url) {
    return h("a", { ...attributes, href: part.url, target: "_blank", rel: "noopener noreferrer" }, ...emojis(part.text.text));
  }
  return h("button", { ...attributes, type: "button" }, ...emojis(part.text.text));
}

function held(context, block, part, initial) {
  return context.state?.[block.block_id]?.[part.action_id] ?? initial;
}

// Remembers a value; in a message, or where a modal asks for it, it also tells the bot.
function enter(context, block, part, value) {
  context.state[block.block_id] = { ...context.state[block.block_id], [part.action_id]: value };
  if (block.type !== "input" || block.dispatch_action) context.act(part, block, value);
}

const words = (object, context) => (object.type === "mrkdwn" ? inline(object.text, context.names) : emojis(object.text));

export function choice(part, block, context) {
  const isMany = part.type === "checkboxes";
  const initial = isMany ? (part.initial_options ?? []).map((option) => option.value) : part.initial_option?.value;
  const chosen = held(context, block, part, initial);
  const name = keyOf(part, block);
  const boxes = part.options.map((option) => {
    const box = h("input", {
      type: isMany ? "checkbox" : "radio",
      name,
      value: option.value,
      "data-key": `${name}/${option.value}`,
      checked: isMany ? chosen.includes(option.value) : chosen === option.value,
      onchange: () => {
        const on = [...group.querySelectorAll("input:checked")].map((input) => input.value);
        enter(context, block, part, isMany ? on : on[0]);
      },
    });
    const more = option.description ? h("small", {}, ...words(option.description, context)) : null;
    return h("label", { class: "choice" }, box, h("span", { class: "text" }, ...words(option.text, context), more));
  });
  const group = h("div", {}, ...boxes);
  return group;
}

export function inputControl(part, block, context, attributes) {
  const shared = { ...attributes, class: "field", "data-key": keyOf(part, block) };
  if (part.type === "static_select" || part.type === "overflow") return select(part, block, context, shared);
  const typed = {
    ...shared,
    placeholder: part.placeholder?.text,
    maxlength: part.max_length,
    oninput: (event) => {
      context.state[block.block_id] = { ...context.state[block.block_id], [part.action_id]: event.target.value };
    },
  };
  const value = held(context, block, part, part.initial_value ?? part.initial_date ?? "");
  if (part.multiline) {
    const area = h("textarea", typed);
    area.value = value;
    return area;
  }
  const kind = { number_input: "number", datepicker: "date" }[part.type] ?? "text";
  return h("input", { ...typed, type: kind, value });
}

function select(part, block, context, attributes) {
  const groups = part.option_groups ?? [{ options: part.options ?? [] }];
  const chosen = held(context, block, part, part.initial_option?.value);
  const option = (one) => h("option", { value: one.value, selected: one.value === chosen }, one.text.text);
  const listed = groups.map((group) =>
    group.label ? h("optgroup", { label: group.label.text }, ...group.options.map(option)) : group.options.map(option),
  );
  const prompt = part.placeholder?.text ?? (part.type === "overflow" ? "More…" : "Choose…");
  const nothing = h("option", { value: "", selected: chosen === undefined, disabled: block.type !== "input" }, prompt);
  const change = async (event) => {
    const value = event.target.value;
    if (!value) return;
    if (part.confirm && !(await confirm(part.confirm, context.names, keyOf(part, block)))) return;
    enter(context, block, part, value);
  };
  return h("select", { ...attributes, onchange: change }, nothing, ...listed.flat());
}

// Block Kit to nodes. `context` holds names, and `act(element, block, value)` for what is pressed.

import { h } from "./dom.js";
import { button, choice, element, inputControl } from "./elements.js";
import { emojis, mrkdwn, plain } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const renderers = {
  header: (block) => h("h3", { class: "header" }, ...emojis(block.text.text)),
  section,
  divider: () => h("hr"),
  context: contextBlock,
  actions: actionsBlock,
  image: imageBlock,
  rich_text: (block, context) => richText(block, context.names),
  markdown: (block, context) => mrkdwn(block.text.replaceAll("**", "*"), context.names),
  input: inputBlock,
};

export function blocks(list, context) {
  return h("div", { class: "blocks" }, ...list.map((block) => (renderers[block.type] ?? unknown)(block, context)));
}

export function textObject(object, context) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, context.names) : plain(object.text);
}

function unknown(block) {
  return h("p", { class: "raw" }, `[${block.type}]`);
}

function section(block, context) {
  const fields = block.fields?.map((field) => textObject(field, context));
  const words = h(
    "div",
    {},
    block.text ? textObject(block.text, context) : null,
    fields ? h("div", { class: "fields" }, ...fields) : null,
  );
  const accessory = block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, context)) : null;
  return h("div", { class: "section" }, words, accessory);
}

function contextBlock(block, context) {
  const parts = block.elements.map((part) => (part.type === "image" ? element(part, block, context) : textObject(part, context)));
  return h("div", { class: "context" }, ...parts);
}

function actionsBlock(block, context) {
  const controls = block.elements.map((part) => (part.type === "button" ? button(part, block, context) : element(part, block, context)));
  return h("div", { class: "actions" }, ...controls);
}

function imageBlock(block) {
  const address = block.image_url ?? (block.slack_file?.id ? `/files/${block.slack_file.id}/image` : block.slack_file?.url);
  return h(
    "figure",
    {},
    block.title ? h("figcaption", {}, block.title.text) : null,
    h("img", { src: address, alt: block.alt_text, loading: "lazy" }),
  );
}

function inputBlock(block, context) {
  const id = `input-${block.block_id}`;
  const wrong = context.errors?.[block.block_id];
  const about = [block.hint ? `${id}-hint` : "", wrong ? `${id}-wrong` : ""].join(" ").trim();
  const optional = block.optional ? h("span", { class: "optional" }, " (optional)") : null;
  const notes = [
    block.hint ? h("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null,
    wrong ? h("p", { class: "wrong", id: `${id}-wrong` }, wrong) : null,
  ];
  const attributes = { id, "aria-describedby": about || null, "aria-invalid": wrong ? "true" : null };
  const kind = block.element.type;
  if (kind === "checkboxes" || kind === "radio_buttons") {
    const group = choice(block.element, block, context);
    return h("div", { class: "input" }, h("fieldset", attributes, h("legend", {}, block.label.text, optional), group), ...notes);
  }
  const control = inputControl(block.element, block, context, attributes);
  return h("div", { class: "input" }, h("label", { for: id }, block.label.text, optional), control, ...notes);
}

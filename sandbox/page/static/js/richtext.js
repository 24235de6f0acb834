// rich_text blocks: sections, lists, quotes and code, with styled text inside.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { date } from "./mrkdwn.js";

export function richText(block, names) {
  return h("div", { class: "text rich" }, ...block.elements.map((element) => part(element, names)));
}

function part(element, names) {
  const inside = () => element.elements.map((leaf) => piece(leaf, names));
  switch (element.type) {
    case "rich_text_section":
      return h("p", {}, ...inside());
    case "rich_text_preformatted":
      return h("pre", {}, ...inside());
    case "rich_text_quote":
      return h("blockquote", {}, ...inside());
    case "rich_text_list":
      return h(element.style === "ordered" ? "ol" : "ul", {}, ...element.elements.map((item) => h("li", {}, part(item, names))));
    default:
      return null;
  }
}

function piece(leaf, names) {
  switch (leaf.type) {
    case "text":
      return styled(leaf.text, leaf.style);
    case "link":
      return h("a", { href: safe(leaf.url), target: "_blank", rel: "noopener noreferrer" }, leaf.text || leaf.url);
    case "emoji":
      return emoji(leaf.name) ?? `:${leaf.name}:`;
    case "user":
      return h("span", { class: "mention" }, `@${names.user(leaf.user_id) ?? leaf.user_id}`);
    case "usergroup":
      return h("span", { class: "mention" }, `@${names.group(leaf.usergroup_id) ?? leaf.usergroup_id}`);
    case "channel":
      return h("span", { class: "mention" }, `#${names.channel(leaf.channel_id) ?? leaf.channel_id}`);
    case "broadcast":
      return h("span", { class: "mention me" }, `@${leaf.range}`);
    case "date":
      return date(`!date^${leaf.timestamp}^${leaf.format}`, leaf.fallback ?? "");
    default:
      return leaf.text ?? "";
  }
}

const safe = (url) => (/^(https?|mailto):/.test(url) ? url : null);

function styled(text, style = {}) {
  let node = text;
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[name]) node = h(tag, {}, node);
  }
  return node;
}

// Slack's mrkdwn, to nodes: bold, italic, strike, code, quotes, bullets, links, mentions, dates, emoji, escapes.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const styled = (mark) => new RegExp(`(?<![\\p{L}\\p{N}${mark}])${mark}(?!\\s)([^${mark}\\n]+?)(?<!\\s)${mark}(?![\\p{L}\\p{N}${mark}])`, "u");

const rules = [
  [/`([^`\n]+)`/, (match) => h("code", {}, unescape(match[1]))],
  [/<([^<>\n]+)>/, (match, names) => reference(match[1], names)],
  [styled("\\*"), (match, names) => h("strong", {}, ...inline(match[1], names))],
  [styled("_"), (match, names) => h("em", {}, ...inline(match[1], names))],
  [styled("~"), (match, names) => h("s", {}, ...inline(match[1], names))],
  [/:([a-z0-9_+-]+):/, (match) => emojiNode(match[1])],
  [/https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)]/, (match) => link(match[0], match[0])],
];

export function mrkdwn(text, names) {
  const parts = text.split(/```([\s\S]+?)```/);
  const nodes = parts.map((part, index) =>
    index % 2 ? h("pre", {}, unescape(part.replace(/^\n|\n$/g, ""))) : lines(part, names, index > 0),
  );
  return h("div", { class: "text" }, ...nodes.flat());
}

export function plain(text) {
  return h("div", { class: "text" }, ...text.split("\n").map((line) => h("p", {}, ...emojis(line))));
}

export function emojis(text) {
  return text.split(/(:[a-z0-9_+-]+:)/).map((part) => emoji(part.slice(1, -1)) ?? part);
}

function lines(text, names, afterCode) {
  const nodes = [];
  let quote = null;
  const trimmed = afterCode ? text.replace(/^\n/, "") : text;
  if (!trimmed) return nodes;
  for (const line of trimmed.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      quote.append(h("p", {}, ...inline(quoted[1], names)));
    } else {
      quote = null;
      nodes.push(h("p", { class: /^\s*[•◦-] /.test(line) ? "item" : null }, ...inline(line, names)));
    }
  }
  if (text.endsWith("\n")) nodes.pop();
  return nodes;
}

export function inline(text, names) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const found = earliest(rest);
    if (!found) break;
    const [match, build] = found;
    if (match.index) nodes.push(unescape(rest.slice(0, match.index)));
    nodes.push(build(match, names));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) nodes.push(unescape(rest));
  return nodes;
}

function earliest(text) {
  let best = null;
  for (const [pattern, build] of rules) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best[0].index)) best = [match, build];
  }
  return best;
}

function emojiNode(name) {
  const found = emoji(name);
  return found ? h("span", { role: "img", "aria-label": name.replaceAll("_", " ") }, found) : `:${name}:`;
}

function link(address, label) {
  return h("a", { href: unescape(address), target: "_blank", rel: "noopener noreferrer" }, unescape(label));
}

function reference(inside, names) {
  const [target, ...labels] = inside.split("|");
  const label = labels.join("|");
  if (target.startsWith("@")) return mention(`@${names.user(target.slice(1)) ?? label}`, names.isMe(target.slice(1)));
  if (target.startsWith("#")) return mention(`#${names.channel(target.slice(1)) ?? label}`);
  if (target.startsWith("!subteam^")) return mention(`@${(names.group(target.slice(9)) ?? label).replace(/^@/, "")}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`, true);
  if (/^(https?|mailto):/.test(target)) return link(target, label || target.replace("mailto:", ""));
  return unescape(`<${inside}>`);
}

const mention = (words, isMe) => h("span", { class: isMe ? "mention me" : "mention" }, words);

export function date(target, fallback) {
  const [, seconds, format, address] = target.split("^");
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  const day = { day: "numeric", month: "long", year: "numeric" };
  const words = {
    date_num: at.toISOString().slice(0, 10),
    date: at.toLocaleDateString("en", day),
    date_short: at.toLocaleDateString("en", { ...day, month: "short" }),
    date_long: at.toLocaleDateString("en", { ...day, weekday: "long" }),
    date_pretty: relativeDay(at, day),
    date_short_pretty: relativeDay(at, { ...day, month: "short" }),
    date_long_pretty: relativeDay(at, { ...day, weekday: "long" }),
    time: at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }),
    time_secs: at.toLocaleTimeString("en-GB"),
    ago: ago(at),
  };
  const text = format.replace(/\{(\w+)\}/g, (whole, word) => words[word] ?? whole);
  const node = h("time", { datetime: at.toISOString(), title: at.toLocaleString("en-GB") }, text);
  return address ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

function relativeDay(at, format) {
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? at.toLocaleDateString("en", format);
}

function ago(at) {
  const minutes = Math.round((Date.now() - at) / 60_000);
  if (minutes < 1) return "just now";
  return minutes < 60 ? `${minutes} minutes ago` : `${Math.round(minutes / 60)} hours ago`;
}

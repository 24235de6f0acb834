// One message of a channel or thread.

import { blocks } from "./blocks.js";
import { h, svg } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

const JOINED_SECONDS = 300;

// Adds what a message needs to know of its neighbours: the same author shortly before is not named again.
export function arranged(messages, users, inThread) {
  let before = null;
  return messages.map((message, index) => {
    const isJoined =
      before !== null &&
      before.user === message.user &&
      before.is_ephemeral === message.is_ephemeral &&
      Number(message.ts) - Number(before.ts) < JOINED_SECONDS;
    const isParent = inThread && index === 0;
    before = isParent ? null : message;
    const author = users[message.user] ?? { name: message.user, real_name: message.user, color: "777777" };
    const replies = isParent ? messages.length - 1 : null;
    return { id: message.ts, message, author, isJoined, inThread, replies };
  });
}

export const clockTime = (ts) =>
  new Date(Number(ts) * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

export function avatar(author, size = "") {
  const inside = author.is_bot && author.name === "lockmaster" ? h("img", { src: "/static/mark.svg", alt: "" }) : author.real_name[0];
  return h("span", { class: `avatar ${size}`, tint: `#${author.color}`, "aria-hidden": "true" }, inside);
}

const replyCount = (count) => `${count} ${count === 1 ? "reply" : "replies"}`;

export function messageNode({ message, author, isJoined, inThread, replies }, tools) {
  const kind = ["message", isJoined ? "joined" : "", message.is_ephemeral ? "ephemeral" : ""].join(" ").trim();
  const gutter = isJoined ? h("span", { class: "gutter", "aria-hidden": "true" }, clockTime(message.ts)) : avatar(author);
  const body = h("div", {}, isJoined ? h("span", { class: "quiet" }, author.real_name) : byline(message, author));
  const failure = h("p", { class: "failure", role: "status" });
  const context = {
    names: tools.names,
    state: {},
    act: async (part, block, value) => {
      failure.textContent = "";
      const seen = await tools.press(message, part, block, value, context.state);
      if (seen?.failure) failure.textContent = `The app did not answer: ${seen.failure}`;
    },
  };
  body.append(content(message, context), failure, ...extras(message, inThread, tools));
  const note = message.is_ephemeral && !isJoined ? h("p", { class: "note" }, eye(), "Only visible to you") : null;
  const row = h("div", { class: kind }, note, gutter, body);
  return h("li", {}, row, replies === null ? null : h("p", { class: "divided" }, replyCount(replies)));
}

function byline(message, author) {
  const at = new Date(Number(message.ts) * 1000);
  return h(
    "div",
    { class: "byline" },
    h("b", {}, author.real_name),
    author.is_bot ? h("span", { class: "badge" }, "APP") : null,
    h("time", { datetime: at.toISOString(), title: at.toLocaleString("en-GB") }, clockTime(message.ts)),
  );
}

function content(message, context) {
  const words = message.blocks?.length ? blocks(message.blocks, context) : mrkdwn(message.text, context.names);
  if (message.edited) {
    const place = message.blocks?.length ? words : (words.lastElementChild ?? words);
    place.append(h("span", { class: "edited" }, message.blocks?.length ? "(edited)" : " (edited)"));
  }
  return words;
}

function extras(message, inThread, tools) {
  const parts = (message.files ?? []).map(upload);
  if (message.reactions) {
    const shown = message.reactions.map((one) => h("span", {}, `${emoji(one.name) ?? one.name} ${one.count}`));
    parts.push(h("div", { class: "reactions" }, ...shown));
  }
  if (message.reply_count && !inThread) parts.push(threadLink(message, tools));
  return parts;
}

function threadLink(message, tools) {
  return h(
    "button",
    { class: "thread-link", type: "button", "data-key": "thread", onclick: () => tools.openThread(message.ts) },
    replyCount(message.reply_count),
    h("span", {}, `last at ${clockTime(message.latest_reply)}`),
  );
}

function upload(file) {
  const address = `/files/${file.id}/${encodeURIComponent(file.name)}`;
  if (file.mimetype.startsWith("image/")) {
    return h("a", { class: "upload", href: address, target: "_blank" }, h("img", { src: address, alt: file.alt_txt || file.title }));
  }
  return h("p", {}, h("a", { href: address, target: "_blank" }, file.title));
}

function eye() {
  const path = svg("path", {
    d: "M1.5 10S4.6 4.5 10 4.5 18.5 10 18.5 10 15.4 15.5 10 15.5 1.5 10 1.5 10zM10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2z",
    class: "stroke",
  });
  return svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, path);
}

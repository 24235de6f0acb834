// The Slack side: whose screen it is, which channel and thread are open, and what is drawn of them.

import { act, watch } from "./api.js";
import { announce, byId, h, reconcile } from "./dom.js";
import { arranged, messageNode } from "./messages.js";
import { showModal } from "./modal.js";
import { keepPersona } from "./settings.js";

const NEAR_END_PIXELS = 90;

export class Workspace {
  constructor(examples) {
    this.examples = examples;
    this.screen = null;
    this.channelId = null;
    this.threadTs = null;
    this.read = {};
    this.expectScreen();
    this.stop = () => {};
    for (const id of ["channel-scroll", "thread-scroll"]) stayAtEnd(byId(id));
    byId("thread-close").addEventListener("click", () => this.closeThread());
    byId("thread-composer").addEventListener("submit", (event) => this.reply(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.threadTs && !document.querySelector("dialog[open]")) this.closeThread();
    });
  }

  become(user) {
    this.stop();
    this.user = user;
    this.channelId = null;
    this.threadTs = null;
    this.announced = null;
    this.expectScreen();
    byId("messages").replaceChildren();
    keepPersona(user);
    this.stop = watch(user, (screen) => this.show(screen), (isOpen) => (byId("offline").hidden = isOpen));
  }

  // Whoever waits for a screen already waits for this one.
  expectScreen() {
    if (!this.arrive) this.arrived = new Promise((resolve) => (this.arrive = resolve));
  }

  get channel() {
    return this.screen?.channels.find((one) => one.id === this.channelId) ?? this.screen?.channels[0];
  }

  get names() {
    const { users, groups, channel_names: channels, me } = this.screen;
    return {
      user: (id) => users[id]?.name,
      group: (id) => groups[id],
      channel: (id) => channels[id],
      isMe: (id) => id === me,
    };
  }

  show(screen) {
    if (screen.me !== this.user) return;
    this.screen = screen;
    this.draw();
    this.arrive?.();
    this.arrive = null;
    this.announceNew();
    showModal(screen.modal, screen.me, this.names);
  }

  draw() {
    const channel = this.channel;
    this.channelId = channel.id;
    const newest = channel.messages.at(-1)?.ts ?? "0";
    this.read[`${this.user}/${channel.id}`] = newest;
    byId("channel-name").textContent = `# ${channel.name}`;
    byId("channel-topic").textContent = channel.topic;
    byId("composer-input").placeholder = `Type /release, or write to #${channel.name}`;
    this.drawChannels();
    this.drawStart(channel);
    const shown = channel.messages.filter((one) => !isReply(one) || one.is_broadcast);
    this.drawList("messages", "channel-scroll", arranged(shown, this.screen.users, false));
    this.drawThread(channel);
  }

  drawList(listId, scrollId, items) {
    const scroll = byId(scrollId);
    const list = byId(listId);
    const tools = {
      names: this.names,
      openThread: (ts) => this.openThread(ts),
      // What is pressed is what was on the screen, even if the message has changed since.
      press: ({ ts, blocks, text }, part, block, value, state) =>
        act("press", { user: this.user, ts, action_id: part.action_id, block_id: block.block_id, value, state, shown: { blocks, text } }),
    };
    const isFirst = list.children.length === 0;
    reconcile(list, items, (item) => messageNode(item, tools));
    if (scroll.isAtEnd || isFirst) scroll.scrollTop = scroll.scrollHeight;
  }

  drawChannels() {
    const item = (channel) => {
      const isHere = channel.id === this.channelId;
      const unread = isHere ? 0 : this.unread(channel);
      return { id: channel.id, name: channel.name, isHere, unread, sign: channel.is_im ? "" : "#" };
    };
    reconcile(byId("channels"), this.screen.channels.map(item), ({ id, name, isHere, unread, sign }) => {
      const go = () => {
        this.channelId = id;
        this.threadTs = null;
        byId("messages").replaceChildren();
        this.draw();
      };
      const badge = unread ? h("span", { class: "count", "aria-label": `${unread} unread` }, String(unread)) : null;
      const attributes = { type: "button", class: unread ? "unread" : null, "aria-current": isHere ? "page" : null, "data-key": id };
      return h("li", {}, h("button", { ...attributes, onclick: go }, h("span", { "aria-hidden": "true" }, sign), name, badge));
    });
  }

  unread(channel) {
    const last = Number(this.read[`${this.user}/${channel.id}`] ?? 0);
    return channel.messages.filter((one) => Number(one.ts) > last && one.user !== this.user).length;
  }

  drawStart(channel) {
    const isSame = byId("channel-start").dataset.channel === channel.id;
    if (isSame) return;
    byId("channel-start").dataset.channel = channel.id;
    byId("channel-start").replaceChildren(
      h("div", { class: "start" }, h("h3", {}, `# ${channel.name}`), h("p", {}, `${channel.topic}.`), welcome(this.examples)),
    );
  }

  drawThread(channel) {
    const parent = channel.messages.find((one) => one.ts === this.threadTs);
    byId("thread").hidden = !parent;
    byId("layout").classList.toggle("threaded", Boolean(parent));
    if (!parent) {
      this.threadTs = null;
      byId("thread-messages").replaceChildren();
      return;
    }
    const replies = channel.messages.filter((one) => isReply(one) && one.thread_ts === parent.ts);
    this.drawList("thread-messages", "thread-scroll", arranged([parent, ...replies], this.screen.users, true));
  }

  openThread(ts) {
    this.threadTs = ts;
    this.draw();
    byId("thread-input").focus();
  }

  closeThread() {
    const ts = this.threadTs;
    this.threadTs = null;
    this.draw();
    const opener = document.querySelector(`#messages [data-id="${ts}"] [data-key="thread"]`);
    (opener ?? byId("composer-input")).focus();
  }

  // Somebody quick may type before the first screen has arrived.
  async send(text) {
    await this.arrived;
    await act("command", { user: this.user, channel: this.channelId, text });
    byId("channel-scroll").scrollTop = byId("channel-scroll").scrollHeight;
  }

  async reply(event) {
    event.preventDefault();
    const input = byId("thread-input");
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    await act("command", { user: this.user, channel: this.channelId, text, thread_ts: this.threadTs });
  }

  announceNew() {
    const all = this.screen.channels.flatMap((channel) => channel.messages);
    const newest = Math.max(0, ...all.map((one) => Number(one.ts)));
    if (this.announced !== null) {
      const fresh = all.filter((one) => Number(one.ts) > this.announced && one.user !== this.user);
      for (const one of fresh) announce(`${this.screen.users[one.user]?.real_name ?? one.user}: ${one.text}`);
    }
    this.announced = newest;
  }
}

function welcome([first, ...others]) {
  const chip = (line) => {
    const fill = () => {
      const input = byId("composer-input");
      input.value = line;
      input.focus();
    };
    return h("button", { type: "button", onclick: fill }, line);
  };
  return h(
    "ol",
    {},
    h("li", {}, "Start a release as an engineer, and watch real requests move: ", chip(first)),
    h("li", {}, "Switch to the lead at the top, and promote it stage by stage. Anybody in this channel may roll it back."),
    h("li", {}, "Or break the new version with the controls beneath the charts, and see it rolled back by itself."),
    h("li", {}, "More to type: ", ...others.slice(0, 3).map(chip)),
  );
}

// Remembers whether the newest message is in sight, and keeps it there when the window or a keyboard moves.
function stayAtEnd(scroll) {
  scroll.isAtEnd = true;
  scroll.addEventListener("scroll", () => {
    scroll.isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PIXELS;
  });
  new ResizeObserver(() => {
    if (scroll.isAtEnd) scroll.scrollTop = scroll.scrollHeight;
  }).observe(scroll);
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

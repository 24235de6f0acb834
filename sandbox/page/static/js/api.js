// Everything the page asks its server.

import { toast } from "./dom.js";

async function answer(response) {
  const body = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new Error(body.error || `the server answered ${response.status}`);
  return body;
}

async function post(path, body) {
  const headers = { "content-type": "application/json" };
  return answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export const setup = async () => answer(await fetch("/page/setup"));
export const telemetry = async () => answer(await fetch("/world/telemetry"));

// What a person does; an impossible act is told in a toast and answers null.
export async function act(name, body) {
  try {
    return await post(`/sandbox/${name}`, body);
  } catch (error) {
    toast(error.message);
    return null;
  }
}

// What is done to the world; the same. Answers what the world has to say about it, often nothing.
export async function world(verb, body = {}) {
  try {
    return (await post(`/world/${verb}`, body)).said;
  } catch (error) {
    toast(error.message);
    return "";
  }
}

// The screen of a person, at first and after each change. Returns a function that stops it.
export function watch(user, onScreen, onConnection) {
  const stream = new EventSource(`/sandbox/events?user=${encodeURIComponent(user)}`);
  stream.onmessage = (event) => onScreen(JSON.parse(event.data));
  stream.onopen = () => onConnection(true);
  stream.onerror = () => onConnection(false);
  return () => stream.close();
}

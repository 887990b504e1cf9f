/**
 * The one WebSocket of the page: subscriptions that outlive a lost connection.
 *
 *     connecting -> open <-> stale -> closed -> connecting ...
 *
 * Stale: open, but nothing came for a while, so what is on the screen may be old.
 */

import { Store } from "../store";
import { url } from "./http";

export type Connection = "connecting" | "open" | "stale" | "closed";
export type Subscription = { type: string; coin?: string; user?: string; interval?: string; [field: string]: unknown };
type Handler = (data: any) => void;

const PING_MS = 20_000;
const SILENCE_ASKED_MS = 5_000;
const SILENCE_STALE_MS = 10_000;
const SILENCE_DEAD_MS = 30_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;

export const connection = new Store<Connection>("connecting");

/** How often the connection came back: what was fetched before the first time may have gaps. */
export const comebacks = new Store(0);

class Socket {
  private readonly held = new Map<string, { subscription: Subscription; handlers: Set<Handler>; last?: unknown }>();
  private socket: WebSocket | undefined;
  private retries = 0;
  private heardAt = 0;
  private pingedAt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    this.open();
    setInterval(() => this.watchSilence(), 1_000);
    addEventListener("online", () => this.retryNow());
    addEventListener("pagehide", () => this.socket?.close());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && connection.get() === "closed") this.retryNow();
    });
  }

  subscribe(subscription: Subscription, handler: Handler): () => void {
    const key = JSON.stringify(subscription);
    let entry = this.held.get(key);
    if (!entry) {
      entry = { subscription, handlers: new Set() };
      this.held.set(key, entry);
      this.send({ method: "subscribe", subscription });
    } else if (entry.last !== undefined) {
      handler(entry.last);
    }
    entry.handlers.add(handler);
    return () => this.drop(key, handler);
  }

  /** Asks for a new snapshot of what is already subscribed. */
  renew(subscription: Subscription): void {
    this.send({ method: "unsubscribe", subscription });
    this.send({ method: "subscribe", subscription });
  }

  retryNow(): void {
    clearTimeout(this.retryTimer);
    this.retries = 0;
    if (!this.socket || this.socket.readyState > WebSocket.OPEN) this.open();
  }

  private drop(key: string, handler: Handler): void {
    const entry = this.held.get(key);
    entry?.handlers.delete(handler);
    if (!entry || entry.handlers.size) return;
    this.held.delete(key);
    this.send({ method: "unsubscribe", subscription: entry.subscription });
  }

  private open(): void {
    connection.set(this.retries ? "closed" : "connecting");
    const socket = new WebSocket(url("ws").replace(/^http/, "ws"));
    this.socket = socket;
    socket.onopen = () => {
      if (this.retries) comebacks.update((count) => count + 1);
      this.retries = 0;
      this.heardAt = Date.now();
      connection.set("open");
      for (const { subscription } of this.held.values()) this.send({ method: "subscribe", subscription });
    };
    socket.onmessage = (message) => this.hear(message.data);
    socket.onclose = () => {
      if (this.socket === socket) this.retryLater();
    };
  }

  private retryLater(): void {
    connection.set("closed");
    const wait = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.retries++);
    this.retryTimer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
  }

  private send(message: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private hear(text: string): void {
    this.heardAt = Date.now();
    if (connection.get() === "stale") connection.set("open");
    const { channel, data } = JSON.parse(text) as { channel: string; data: any };
    if (channel === "pong" || channel === "subscriptionResponse") return;
    for (const entry of this.held.values()) {
      if (!isFor(entry.subscription, channel, data)) continue;
      entry.last = data;
      for (const handler of entry.handlers) handler(data);
    }
  }

  private watchSilence(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const now = Date.now();
    const silent = now - this.heardAt;
    const isPingDue = now - this.pingedAt > (silent > SILENCE_ASKED_MS ? SILENCE_ASKED_MS : PING_MS);
    if (isPingDue) {
      this.pingedAt = now;
      this.send({ method: "ping" });
    }
    if (silent > SILENCE_DEAD_MS) this.socket.close();
    else if (silent > SILENCE_STALE_MS) connection.set("stale");
  }
}

/** Whether a frame answers a subscription; frames name coin, interval or user, never the request. */
export function isFor(subscription: Subscription, channel: string, data: any): boolean {
  const name = subscription.type === "userEvents" ? "user" : subscription.type;
  if (name !== channel) return false;
  const of = Array.isArray(data) ? data[0] : data;
  if (!of) return false;
  if (subscription.type === "candle") return of.s === subscription.coin && of.i === subscription.interval;
  if (subscription.coin && of.coin !== undefined && of.coin !== subscription.coin) return false;
  if (subscription.dex !== undefined && of.dex !== undefined && of.dex !== subscription.dex) return false;
  return !(subscription.user && of.user !== undefined && of.user.toLowerCase() !== subscription.user.toLowerCase());
}

export const socket = new Socket();

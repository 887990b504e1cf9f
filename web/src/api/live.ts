/** What is known of the exchange, kept fresh: one poll for each question however many ask it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useWallet } from "../wallet/wallet";
import { info } from "./http";
import { type Subscription, comebacks, socket } from "./socket";
import type { Account, Venue } from "./types";

type Request = { type: string; [field: string]: unknown };

export interface Answer<T> {
  data?: T;
  error?: string;
  isLoading: boolean;
  refresh: () => void;
}

interface Question {
  request: Request;
  data?: unknown;
  text?: string;
  error?: string;
  isLoading: boolean;
  intervals: Map<object, number>;
  watchers: Map<object, () => void>;
  timer?: ReturnType<typeof setTimeout>;
  isAsking: boolean;
}

const questions = new Map<string, Question>();

/** The answer to `/info`, asked again every `every_ms` (0: once) while a component shows it. */
export function useInfo<T>(request: Request | null, every_ms = 0): Answer<T> {
  const key = request ? JSON.stringify(request) : "";
  const [, render] = useState(0);
  const me = useRef({}).current;
  useEffect(() => {
    if (!request) return undefined;
    const question = questionOf(key, request);
    question.watchers.set(me, () => render((n) => n + 1));
    question.intervals.set(me, every_ms);
    if (question.data === undefined || every_ms) ask(question);
    return () => {
      question.watchers.delete(me);
      question.intervals.delete(me);
      if (!question.watchers.size) {
        clearTimeout(question.timer);
        questions.delete(key);
      }
    };
  }, [key, every_ms]);
  const question = request ? questions.get(key) : undefined;
  return {
    data: question?.data as T | undefined,
    error: question?.error,
    isLoading: request !== null && question?.data === undefined && !question?.error,
    refresh: () => question && ask(question),
  };
}

function questionOf(key: string, request: Request): Question {
  const known = questions.get(key);
  if (known) return known;
  const question: Question = { request, isLoading: true, intervals: new Map(), watchers: new Map(), isAsking: false };
  questions.set(key, question);
  return question;
}

async function ask(question: Question): Promise<void> {
  if (question.isAsking) return;
  question.isAsking = true;
  clearTimeout(question.timer);
  const before = [question.text, question.error];
  try {
    const data = await info(question.request);
    const text = JSON.stringify(data);
    if (text !== question.text) question.data = data;
    question.text = text;
    question.error = undefined;
  } catch (error) {
    question.error = error instanceof Error ? error.message : String(error);
  }
  question.isAsking = false;
  if (before[0] !== question.text || before[1] !== question.error) {
    for (const watcher of [...question.watchers.values()]) watcher();
  }
  schedule(question);
}

function schedule(question: Question): void {
  const wanted = [...question.intervals.values()].filter((interval) => interval > 0);
  if (!wanted.length) {
    if (question.error && question.watchers.size) question.timer = setTimeout(() => ask(question), 4_000);
    return;
  }
  const slower = document.hidden ? 8 : 1;
  question.timer = setTimeout(() => ask(question), Math.min(...wanted) * slower);
}

/** Asks everything on the screen again: something of ours changed. */
export function refreshAll(): void {
  for (const question of questions.values()) ask(question);
}

export function refreshOnly(...types: string[]): void {
  for (const question of questions.values()) if (types.includes(question.request.type)) ask(question);
}

comebacks.watch(refreshAll);

/** Hears a subscription while the component is there. */
export function useChannel(subscription: Subscription | null, onData: (data: any) => void): void {
  const latest = useRef(onData);
  latest.current = onData;
  const key = subscription ? JSON.stringify(subscription) : "";
  useEffect(() => {
    if (!subscription) return undefined;
    return socket.subscribe(subscription, (data) => latest.current(data));
  }, [key]);
}

export function useVenue(): Venue | undefined {
  return useInfo<Venue>({ type: "venue" }, 30_000).data;
}

const NO_ACCOUNT = -1; // what an address without one is answered

/** The connected wallet's account; `isUnknown`: the wallet has none here yet. */
export function useAccountAnswer(): Answer<Account> & { isUnknown: boolean } {
  const { address } = useWallet();
  const answer = useInfo<Account>(address ? { type: "account", user: address } : null, 2_000);
  const isUnknown = answer.data?.account === NO_ACCOUNT;
  return { ...answer, data: isUnknown ? undefined : answer.data, isUnknown };
}

export function useAccount(): Account | undefined {
  return useAccountAnswer().data;
}

/** The time, each `every_ms`, for countdowns. */
export function useNow(every_ms = 1_000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}

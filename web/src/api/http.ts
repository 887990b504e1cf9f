/** Requests to the exchange that served this page. */

export const url = (path: string): string => new URL(path, document.baseURI).href;

/** Something that a person should read: the exchange's own words, or that it could not be reached. */
export class ExchangeError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export async function info<T>(request: { type: string; [field: string]: unknown }): Promise<T> {
  return (await post("info", request)) as T;
}

export interface Signature {
  r: string;
  s: string;
  v: number;
}

export interface SignedAction {
  action: Record<string, unknown>;
  nonce: number;
  signature: Signature;
  vaultAddress: string | null;
  expiresAfter: number | null;
}

/** Sends it; returns `response` of an accepted action, throws the exchange's words otherwise. */
export async function exchange(body: SignedAction): Promise<{ type: string; data?: any }> {
  const answer = (await post("exchange", body)) as { status: string; response: any };
  if (answer.status !== "ok") throw new ExchangeError(String(answer.response), 200);
  return typeof answer.response === "object" ? answer.response : { type: String(answer.response) };
}

async function post(path: string, body: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url(path), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ExchangeError("The exchange cannot be reached.", 0);
  }
  if (response.ok) return response.json();
  throw new ExchangeError(await wordsOf(response), response.status);
}

async function wordsOf(response: Response): Promise<string> {
  if (response.status === 429) return "Too many requests; wait a moment.";
  const text = (await response.text()).slice(0, 300);
  if (text.startsWith("<")) return `The exchange answered ${response.status}.`;
  try {
    const parsed = JSON.parse(text);
    return String(parsed.msg ?? parsed.error ?? parsed.response ?? text);
  } catch {
    return text || `The exchange answered ${response.status}.`;
  }
}

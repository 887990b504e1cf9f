/** Times of the wire are milliseconds of the exchange's clock, which is the wall clock. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "14:05:09" of the visitor's own time zone. */
export function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}

export function dateTime(time: number): string {
  return new Date(time).toLocaleString("en-GB", {
    day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
}

/** "3 min ago" */
export function ago(time: number, now = Date.now()): string {
  const passed = now - time;
  return passed < 2 * SECOND ? "just now" : `${span(passed)} ago`;
}

/** "in 12 min", "now" once it has come. */
export function until(time: number, now = Date.now()): string {
  return time <= now ? "now" : `in ${span(time - now)}`;
}

/** "00:41:07": what is left until a time. */
export function countdown(time: number, now = Date.now()): string {
  const left = Math.max(0, Math.round((time - now) / SECOND));
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

export function span(length: number): string {
  if (length < MINUTE) return `${Math.max(1, Math.round(length / SECOND))} s`;
  if (length < HOUR) return `${Math.round(length / MINUTE)} min`;
  if (length < 2 * DAY) return `${Math.round(length / HOUR)} h`;
  return `${Math.round(length / DAY)} days`;
}

// SPDX-License-Identifier: MIT
// Time ranges as the URL carries them (`now-6h`, `now/d`, epoch milliseconds) and as people read them.

const UNIT_MS: Record<string, number> = {
  s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3, M: 30 * 86400e3, y: 365 * 86400e3,
};

export interface Preset { label: string; from: string; title: string }
export const PRESETS: Preset[] = [
  { label: "15m", from: "now-15m", title: "last 15 minutes" },
  { label: "1h", from: "now-1h", title: "last hour" },
  { label: "6h", from: "now-6h", title: "last 6 hours" },
  { label: "24h", from: "now-24h", title: "last 24 hours" },
  { label: "7d", from: "now-7d", title: "last 7 days" },
  { label: "30d", from: "now-30d", title: "last 30 days" },
  { label: "1y", from: "now-1y", title: "last year" },
];
export const DEFAULT_FROM = "now-1h";

function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** Milliseconds since the epoch of `now`, `now-6h`, `now/d`, `now-1d/d` or a number; else null. */
export function parseTime(text: string, now: number): number | null {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const parts = /^now(?:([+-])(\d{1,6})([smhdwMy]))?(\/d)?$/.exec(text);
  if (!parts) return null;
  const span = parts[1] ? Number(parts[2]) * (UNIT_MS[parts[3] ?? "s"] ?? 0) : 0;
  const moved = parts[1] === "-" ? now - span : now + span;
  return parts[4] ? startOfDay(moved) : moved;
}

export interface Range {
  from: string;
  to: string;
}
export interface Span {
  fromMs: number;
  toMs: number;
}

export function resolve(range: Range, now: number): Span {
  const toMs = parseTime(range.to, now) ?? now;
  const fromMs = parseTime(range.from, now) ?? toMs - 3600e3;
  return fromMs < toMs ? { fromMs, toMs } : { fromMs: toMs - 60e3, toMs };
}

/** True when the range's end moves with the clock. */
export function isLive(range: Range): boolean {
  return range.to === "now";
}

export function describeRange(range: Range, now: number): string {
  const preset = PRESETS.find((one) => one.from === range.from);
  if (preset && range.to === "now") return preset.title;
  const span = resolve(range, now);
  return `${dateTime(span.fromMs)} to ${range.to === "now" ? "now" : dateTime(span.toMs)}`;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

export function dateOf(ms: number): string {
  const day = new Date(ms);
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

export function clock(ms: number, withMillis = false): string {
  const at = new Date(ms);
  const text = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return withMillis ? `${text}.${pad(at.getMilliseconds(), 3)}` : text;
}

export function dateTime(ms: number): string {
  return `${dateOf(ms)} ${clock(ms)}`;
}

/** `datetime-local` input value, to the second. */
export function toInput(ms: number): string {
  return `${dateOf(ms)}T${clock(ms)}`;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1e3;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

export function age(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1e3);
  if (seconds < 2) return "now";
  if (seconds < 100) return `${seconds} s`;
  return duration(ms);
}

/** The smallest step of a readable size, in seconds, that gives at most `points` over the span. */
export function niceStep(span: Span, points: number): number {
  const steps = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    172800, 604800,
  ];
  const wanted = (span.toMs - span.fromMs) / 1e3 / Math.max(1, points);
  return steps.find((step) => step >= wanted) ?? Math.ceil(wanted / 86400) * 86400;
}

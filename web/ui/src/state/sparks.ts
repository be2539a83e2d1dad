// SPDX-License-Identifier: MIT
// The last hour (or the chosen time) of the series on screen. Groups that come into view within a
// short time are asked for together; what is known then grows with the live values.
import { signal, type Signal } from "@preact/signals";

import { queryRange, type Points } from "../api/prometheus";
import { escapeRegex, quote, selector, type Labels, type Place } from "../lib/labels";

const POINTS = 60;
const COLLECT_MS = 60;
const MAX_GROUPS_PER_QUERY = 30;
const MAX_IN_FLIGHT = 3;
const MAX_LIVE_POINTS = 240;

export interface SparkWindow {
  label: string;
  ms: number;
}
/** With "auto" the window grows with the data up to an hour. */
export const AUTO = "auto";
export const SPARK_WINDOWS: SparkWindow[] = [
  { label: "5 min", ms: 300e3 },
  { label: "15 min", ms: 900e3 },
  { label: "1 h", ms: 3600e3 },
  { label: "6 h", ms: 6 * 3600e3 },
  { label: "24 h", ms: 24 * 3600e3 },
];

const EMPTY: Points = { t: [], v: [] };
const sparks = new Map<string, Signal<Points>>();
const loadedGroups = new Set<string>();
let waiting: Place[] = [];
let timer = 0;
let inFlight = 0;
const AUTO_MAX_MS = 3600e3;
let windowMs = AUTO_MAX_MS;
let automatic = true;
let oldestMs = Infinity;
let generation = 0;
/** Changes when the groups on screen must be asked for again. */
export const sparkGeneration = signal(0);

export function sparkOf(key: string): Signal<Points> {
  let spark = sparks.get(key);
  if (!spark) {
    spark = signal(EMPTY);
    sparks.set(key, spark);
  }
  return spark;
}

export function sparkWindowMs(): number {
  return windowMs;
}

/** A label of SPARK_WINDOWS, or anything else for "auto". */
export function chooseSparkWindow(label: string): void {
  const chosen = SPARK_WINDOWS.find((one) => one.label === label);
  automatic = chosen === undefined;
  setWindow(chosen?.ms ?? AUTO_MAX_MS);
}

// Minutes after the first start an hour would be an almost empty picture.
function fitWindow(): void {
  if (!automatic || !Number.isFinite(oldestMs)) return;
  const ageMs = Date.now() - oldestMs;
  const fitting = SPARK_WINDOWS.find((one) => one.ms >= ageMs * 0.9);
  setWindow(Math.min(fitting?.ms ?? AUTO_MAX_MS, AUTO_MAX_MS));
}

function setWindow(ms: number): void {
  if (ms === windowMs) return;
  windowMs = ms;
  sparks.forEach((spark) => {
    spark.value = EMPTY;
  });
  reloadSparks();
}

/** Asks again for the groups in view; what is known stays until the answer is there. */
export function reloadSparks(): void {
  generation += 1;
  loadedGroups.clear();
  waiting = [];
  sparkGeneration.value = generation;
}

export function wantSparks(place: Place): void {
  if (loadedGroups.has(place.key)) return;
  loadedGroups.add(place.key);
  waiting.push(place);
  schedule();
}

function schedule(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    while (waiting.length > 0 && inFlight < MAX_IN_FLIGHT) void load(takeBatch());
  }, COLLECT_MS);
}

/** Groups that one label tells apart go into one query. */
function takeBatch(): Place[] {
  const first = waiting[0];
  if (!first) return [];
  const shape = shapeOf(first.match);
  const batch = waiting.filter((place) => shapeOf(place.match) === shape).slice(0, MAX_GROUPS_PER_QUERY);
  waiting = waiting.filter((place) => !batch.includes(place));
  return batch;
}

function shapeOf(match: Labels): string {
  return Object.keys(match).sort().join("\u0001");
}

function queryFor(batch: Place[]): string {
  const keys = Object.keys(batch[0]?.match ?? {});
  const matchers = keys.map((key) => {
    const values = [...new Set(batch.map((place) => place.match[key] ?? ""))];
    return values.length === 1
      ? `${key}=${quote(values[0] ?? "")}`
      : `${key}=~${quote(values.map(escapeRegex).join("|"))}`;
  });
  if (!keys.includes("__name__")) matchers.push('__name__!=""');
  return `{${matchers.join(",")}}`;
}

async function load(batch: Place[]): Promise<void> {
  const asked = generation;
  inFlight += 1;
  try {
    const stepSeconds = Math.max(1, Math.round(windowMs / 1e3 / POINTS));
    const toMs = Math.floor(Date.now() / 1e3) * 1e3;
    const request = { query: queryFor(batch), fromMs: toMs - windowMs, toMs, stepSeconds };
    const answer = await queryRange(request);
    if (asked !== generation) return;
    for (const series of answer.matrix) {
      merge(sparkOf(selector(series.labels)), series);
      oldestMs = Math.min(oldestMs, series.t[0] ?? Infinity);
    }
    fitWindow();
  } catch {
    batch.forEach((place) => loadedGroups.delete(place.key));  // asked again when next in view
  } finally {
    inFlight -= 1;
    if (waiting.length > 0) schedule();
  }
}

function merge(spark: Signal<Points>, loaded: Points): void {
  const end = loaded.t[loaded.t.length - 1] ?? 0;
  const live = spark.peek();
  const from = live.t.findIndex((t) => t > end);
  spark.value = from < 0
    ? { t: loaded.t, v: loaded.v }
    : { t: loaded.t.concat(live.t.slice(from)), v: loaded.v.concat(live.v.slice(from)) };
}

window.setInterval(fitWindow, 30e3);

/** Adds a live value to a sparkline that is on screen. */
export function extendSpark(key: string, t: number, v: number): void {
  const spark = sparks.get(key);
  if (!spark) return;
  const known = spark.peek();
  const last = known.t[known.t.length - 1] ?? 0;
  if (t <= last) return;
  const start = firstWanted(known, t - windowMs);
  // Replace the newest point while it is younger than a pixel, so that fast series stay small.
  const dense = known.t.length - start >= MAX_LIVE_POINTS
    || (known.t.length > 1 && t - (known.t[known.t.length - 2] ?? 0) < windowMs / MAX_LIVE_POINTS);
  const keep = dense ? known.t.length - 1 : known.t.length;
  spark.value = { t: [...known.t.slice(start, keep), t], v: [...known.v.slice(start, keep), v] };
}

function firstWanted(points: Points, from: number): number {
  const index = points.t.findIndex((t) => t >= from);
  return index < 0 ? points.t.length : index;
}

// SPDX-License-Identifier: MIT
// What a chart shows of each series: every sample while they fit, else mean, minimum and maximum
// per step. Stretches without data stay empty.
import { instant, queryRange, type Points } from "../api/prometheus";
import { selector, type Labels } from "../lib/labels";
import { niceStep, type Span } from "../lib/time";

const MAX_RAW = 6000;
/** A stretch is a gap when it is longer than this many usual intervals. */
const GAP_FACTOR = 3.5;

export interface ChartSeries {
  key: string;
  labels: Labels;
  mean: Points;
  /** Absent when `mean` holds the samples themselves. */
  low?: Points;
  high?: Points;
  /** Longest time between two points that is still drawn as a line, ms. */
  maxGapMs: number;
}
export interface ChartData {
  series: ChartSeries[];
  /** 0 = samples as they were stored. */
  stepSeconds: number;
  span: Span;
}

/** Median distance of neighbouring points, ms; 0 for fewer than two points. */
export function usualInterval(t: number[]): number {
  const distances: number[] = [];
  const stride = Math.max(1, Math.floor(t.length / 500));
  for (let index = 1; index < t.length; index += stride) {
    distances.push((t[index] ?? 0) - (t[index - 1] ?? 0));
  }
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? 0;
}

export function gapLimit(t: number[], stepMs: number): number {
  return Math.max(usualInterval(t) * GAP_FACTOR, stepMs * 1.5, 2000);
}

function rangeText(span: Span): string {
  return `${Math.max(1, Math.ceil((span.toMs - span.fromMs) / 1e3))}s`;
}

/** Without the name that *_over_time keeps or drops: low, mean and high must find each other. */
function anonymous(labels: Labels): string {
  const rest = { ...labels };
  delete rest["__name__"];
  return selector(rest);
}

/** Answers that are exactly the wanted series, or all when the selector is a person's own. */
function pick<T extends { labels: Labels }>(wanted: string, found: T[]): T[] {
  const exact = found.filter((one) => selector(one.labels) === wanted);
  return exact.length > 0 ? exact : found;
}

async function countSamples(query: string, span: Span, signal: AbortSignal): Promise<number> {
  const answer = await instant(`count_over_time(${query}[${rangeText(span)}])`, span.toMs, signal);
  return Math.max(0, ...answer.vector.map((sample) => sample.v));
}

async function loadRaw(query: string, span: Span, signal: AbortSignal): Promise<ChartSeries[]> {
  const answer = await instant(`${query}[${rangeText(span)}]`, span.toMs, signal);
  return pick(query, answer.matrix).map((one) => ({
    key: selector(one.labels), labels: one.labels, mean: { t: one.t, v: one.v },
    maxGapMs: gapLimit(one.t, 0),
  }));
}

/** A step's value stands for the step before it: draw it in the middle. */
function centred(points: Points, stepMs: number): Points {
  return { t: points.t.map((t) => t - stepMs / 2), v: points.v };
}

async function loadSteps(query: string, span: Span, stepSeconds: number, signal: AbortSignal): Promise<ChartSeries[]> {
  const stepMs = stepSeconds * 1e3;
  const fromMs = Math.floor(span.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(span.toMs / stepMs) * stepMs;
  const ask = async (name: string): Promise<Array<Points & { labels: Labels }>> => {
    const text = `${name}_over_time(${query}[${stepSeconds}s])`;
    return (await queryRange({ query: text, fromMs, toMs, stepSeconds }, signal)).matrix;
  };
  const [names, means, lows, highs] = await Promise.all([
    instant(`last_over_time(${query}[${rangeText(span)}])`, span.toMs, signal),
    ask("avg"), ask("min"), ask("max"),
  ]);
  const find = (list: Array<Points & { labels: Labels }>, labels: Labels): Points | undefined => {
    const found = list.find((one) => anonymous(one.labels) === anonymous(labels));
    return found && centred(found, stepMs);
  };
  return pick(query, names.vector).flatMap(({ labels }) => {
    const mean = find(means, labels);
    const low = find(lows, labels);
    const high = find(highs, labels);
    if (!mean || !low || !high) return [];
    return [{ key: selector(labels), labels, mean, low, high, maxGapMs: gapLimit(mean.t, stepMs) }];
  });
}

/** Loads the selectors' series; `width` is the chart's width in pixels. */
export async function loadChart(selectors: string[], span: Span, width: number, signal: AbortSignal): Promise<ChartData> {
  const counts = await Promise.all(selectors.map((query) => countSamples(query, span, signal)));
  const raw = counts.every((count) => count <= MAX_RAW);
  const stepSeconds = raw ? 0 : niceStep(span, Math.min(1200, Math.max(200, width / 1.5)));
  const lists = await Promise.all(selectors.map((query) => (
    raw ? loadRaw(query, span, signal) : loadSteps(query, span, stepSeconds, signal))));
  const byKey = new Map(lists.flat().map((one) => [one.key, one]));
  return { series: [...byKey.values()], stepSeconds, span };
}

/** Adds a live sample; in steps it updates the newest step. Returns whether anything changed. */
export function appendSample(series: ChartSeries, stepSeconds: number, t: number, v: number): boolean {
  const { mean, low, high } = series;
  if (!Number.isFinite(v)) return false;
  if (!low || !high) {
    if (t <= (mean.t[mean.t.length - 1] ?? 0)) return false;
    mean.t.push(t);
    mean.v.push(v);
    return true;
  }
  const stepMs = stepSeconds * 1e3;
  const middle = Math.ceil(t / stepMs) * stepMs - stepMs / 2;
  const last = mean.t.length - 1;
  if (middle > (mean.t[last] ?? 0)) {
    for (const points of [mean, low, high]) {
      points.t.push(middle);
      points.v.push(v);
    }
    return true;
  }
  low.v[last] = Math.min(low.v[last] ?? v, v);
  high.v[last] = Math.max(high.v[last] ?? v, v);
  return true;
}

export interface Stats {
  min: number;
  max: number;
  mean: number;
  last: number;
  lastT: number;
  count: number;
}

/** Of the points within the span. */
export function statsOf(series: ChartSeries, span: Span): Stats {
  const stats = { min: Infinity, max: -Infinity, mean: 0, last: NaN, lastT: 0, count: 0 };
  let sum = 0;
  series.mean.t.forEach((t, index) => {
    const value = series.mean.v[index] ?? NaN;
    if (t < span.fromMs || t > span.toMs || !Number.isFinite(value)) return;
    stats.min = Math.min(stats.min, series.low?.v[index] ?? value);
    stats.max = Math.max(stats.max, series.high?.v[index] ?? value);
    sum += value;
    stats.count += 1;
    stats.last = value;
    stats.lastT = t;
  });
  stats.mean = stats.count > 0 ? sum / stats.count : NaN;
  return stats;
}

/** uPlot's columns: one time axis in seconds; null = gap, undefined = no point of this series. */
export type Column = Array<number | null | undefined>;

function withGaps(points: Points, maxGapMs: number): Map<number, number | null> {
  const cells = new Map<number, number | null>();
  points.t.forEach((t, index) => {
    const before = points.t[index - 1];
    if (before !== undefined && t - before > maxGapMs) cells.set(before + 1, null);
    const value = points.v[index] ?? NaN;
    cells.set(t, Number.isFinite(value) ? value : null);
  });
  return cells;
}

export function toColumns(data: ChartData): { times: number[]; columns: Column[] } {
  const lines = data.series.flatMap((one) => (
    one.low && one.high ? [one.mean, one.low, one.high] : [one.mean]).map((points) => withGaps(points, one.maxGapMs)));
  const times = [...new Set(lines.flatMap((cells) => [...cells.keys()]))].sort((a, b) => a - b);
  const columns = lines.map((cells) => times.map((t) => cells.get(t)));
  return { times: times.map((t) => t / 1e3), columns };
}

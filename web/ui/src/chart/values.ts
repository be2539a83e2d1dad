// SPDX-License-Identifier: MIT
import { number } from "../lib/format";
import type { ChartSeries } from "./data";

export function valueText(value: number, unit: string): string {
  if (!Number.isFinite(value)) return "–";
  return unit ? `${number(value)} ${unit}` : number(value);
}

export interface PointAt {
  t: number;
  mean: number;
  low: number | null;
  high: number | null;
}

/** Index of the point nearest to `t`; -1 without points. */
export function nearest(times: number[], t: number): number {
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < t) low = middle;
    else high = middle;
  }
  if (times.length === 0) return -1;
  return Math.abs((times[low] ?? 0) - t) <= Math.abs((times[high] ?? 0) - t) ? low : high;
}

/** The series' point nearest to `t`; null when `t` lies in a gap. */
export function pointAt(series: ChartSeries, t: number): PointAt | null {
  const index = nearest(series.mean.t, t);
  const at = series.mean.t[index];
  if (at === undefined || Math.abs(at - t) > series.maxGapMs) return null;
  return {
    t: at,
    mean: series.mean.v[index] ?? NaN,
    low: series.low?.v[index] ?? null,
    high: series.high?.v[index] ?? null,
  };
}

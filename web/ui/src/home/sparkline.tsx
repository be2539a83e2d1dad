// SPDX-License-Identifier: MIT
// A series' recent past as a small line; time without data is left empty.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Points } from "../api/prometheus";
import type { Series } from "../state/series";
import { sparkGeneration, sparkOf, sparkWindowMs, wantSparks } from "../state/sparks";

const WIDTH = 200;
const HEIGHT = 40;
const PAD = 3;

export interface SparkPath {
  line: string;
  area: string;
}

function scaleOf(values: number[]): (value: number) => number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const span = high - low;
  if (!(span > 0)) return () => HEIGHT / 2;
  return (value) => HEIGHT - PAD - ((value - low) / span) * (HEIGHT - 2 * PAD);
}

/** Runs of points closer than `maxGapMs`, as [first, last] indexes. */
export function runs(points: Points, maxGapMs: number): Array<[number, number]> {
  const found: Array<[number, number]> = [];
  let start = -1;
  for (let index = 0; index < points.t.length; index += 1) {
    const usable = Number.isFinite(points.v[index] ?? NaN);
    const gap = index > 0 && (points.t[index] ?? 0) - (points.t[index - 1] ?? 0) > maxGapMs;
    if (start >= 0 && (gap || !usable)) {
      found.push([start, index - 1]);
      start = -1;
    }
    if (start < 0 && usable) start = index;
  }
  if (start >= 0) found.push([start, points.t.length - 1]);
  return found;
}

export function pathOf(points: Points, toMs: number, spanMs: number, stepped: boolean): SparkPath {
  const y = scaleOf(points.v);
  const x = (t: number): number => ((t - (toMs - spanMs)) / spanMs) * WIDTH;
  let line = "";
  let area = "";
  for (const [first, last] of runs(points, Math.max(spanMs / 20, 15e3))) {
    let part = "";
    for (let index = first; index <= last; index += 1) {
      const px = x(points.t[index] ?? 0).toFixed(1);
      const py = y(points.v[index] ?? 0).toFixed(1);
      part += part === "" ? `${px} ${py}` : stepped ? `H${px}V${py}` : `L${px} ${py}`;
    }
    // A lone point would be invisible: draw it as a dash.
    line += `M${part}${first === last ? "h2" : ""}`;
    area += `M${x(points.t[first] ?? 0).toFixed(1)} ${HEIGHT}L${part}`
      + `L${x(points.t[last] ?? 0).toFixed(1)} ${HEIGHT}Z`;
  }
  return { line, area };
}

export function Sparkline({ series }: { series: Series }): JSX.Element {
  const generation = sparkGeneration.value;
  useEffect(() => wantSparks(series.place), [series, generation]);
  const spark = sparkOf(series.key);
  const path = useComputed(() => {
    const points = spark.value;
    const newest = points.t[points.t.length - 1] ?? 0;
    const toMs = Math.max(newest, Date.now() - 30e3);
    return pathOf(points, toMs, sparkWindowMs(), Boolean(series.kind.words));
  });
  const line = useComputed(() => path.value.line);
  const area = useComputed(() => path.value.area);
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="spark-area" d={area} />
      <path class="spark-line" d={line} />
    </svg>
  );
}

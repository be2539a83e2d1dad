// SPDX-License-Identifier: MIT
// Names and colours of a chart's lines.
import { fullTitle, metricName, placeOf, seriesTitle, type Labels } from "../lib/labels";
import { kindOf } from "../lib/kinds";
import { unitOf } from "../state/series";
import type { ChartSeries } from "./data";
import type { PlotLine } from "./plot";

const COLORS = 8;

/** Names of the lines with what is common to all of them left out. */
export function labelsOf(list: Labels[]): string[] {
  const places = new Set(list.map((labels) => placeOf(labels).key));
  return list.map((labels) => {
    // A query's result without a metric's name is told apart by its labels alone.
    if (!metricName(labels)) return Object.keys(labels).sort().map((key) => labels[key]).join(" · ") || "value";
    return places.size === 1 ? seriesTitle(labels) : fullTitle(labels);
  });
}

export function describe(series: ChartSeries[], hidden: Set<string>): PlotLine[] {
  const names = labelsOf(series.map((one) => one.labels));
  const alone = series.length === 1;
  return series.map((one, index) => {
    const unit = unitOf(metricName(one.labels));
    const kind = kindOf(metricName(one.labels), unit);
    const color = alone ? kind.color : (index % COLORS) + 1;
    return {
      label: names[index] ?? "",
      color: `var(--series-${color})`,
      unit,
      stepped: Boolean(kind.words),
      dashed: index >= COLORS,
      hidden: hidden.has(one.key),
    };
  });
}

// SPDX-License-Identifier: MIT
// Names and colours of a chart's lines.
import { distinguish, humanise, IDENTITY, metricName, placeOf, shortTitle, type Labels } from "../lib/labels";
import { kindOf } from "../lib/kinds";
import { findSeries, unitOf } from "../state/series";
import type { ChartSeries } from "./data";
import type { PlotLine } from "./plot";

const COLORS = 8;

/** One label that tells all apart if there is such, else all of them. */
function tellingLabels(list: Labels[]): string[] {
  const keys = [...new Set(list.flatMap((labels) => Object.keys(labels)))].sort();
  const isUnique = (key: string): boolean => new Set(list.map((labels) => labels[key])).size === list.length;
  const one = IDENTITY.find((key) => keys.includes(key) && isUnique(key)) ?? keys.find(isUnique);
  return one && list.length > 1 ? [one] : keys;
}

/** Names of the lines with what is common to all of them left out. */
export function labelsOf(list: Labels[]): string[] {
  const places = new Set(list.map((labels) => placeOf(labels).key));
  const told = tellingLabels(list);
  const titles = distinguish(list, places.size === 1 ? (labels) => humanise(metricName(labels)) : shortTitle);
  return list.map((labels, index) => {
    // A query's result without a metric's name is told apart by its labels alone.
    if (!metricName(labels)) return told.map((key) => labels[key] ?? "").filter(Boolean).join(" · ") || "value";
    return titles[index] ?? "";
  });
}

export function describe(series: ChartSeries[], hidden: Set<string>): PlotLine[] {
  const names = labelsOf(series.map((one) => one.labels));
  const alone = series.length === 1;
  return series.map((one, index) => {
    const unit = findSeries(one.key)?.unit ?? unitOf(metricName(one.labels));
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

// SPDX-License-Identifier: MIT
// Metric names, label names and values of the series that the page knows.
import { collate } from "../lib/format";
import { allSeries } from "../state/series";
import type { Vocabulary } from "./complete";

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)].sort(collate);
}

function labelsOf(metric: string): Array<Record<string, string>> {
  const all = allSeries();
  const own = all.filter((series) => series.metric === metric);
  return (metric && own.length > 0 ? own : all).map((series) => series.labels);
}

export const vocabulary: Vocabulary = {
  get metrics() {
    return unique(allSeries().map((series) => series.metric));
  },
  labelNames: (metric) => unique(labelsOf(metric).flatMap((labels) => Object.keys(labels)))
    .filter((name) => name !== "__name__"),
  labelValues: (metric, label) => unique(labelsOf(metric).flatMap((labels) => labels[label] ?? [])),
};

/** Queries worth a try with the data that is there. */
export function examples(): string[] {
  const metrics = vocabulary.metrics;
  const pick = (pattern: RegExp): string | undefined => metrics.find((name) => pattern.test(name));
  const temperature = pick(/^temperature$/) ?? pick(/temp/) ?? metrics[0];
  const power = pick(/^power$/) ?? pick(/power/);
  const total = pick(/energy|total|count/);
  return [
    temperature && /^[A-Za-z_:][\w:]*$/.test(temperature) ? temperature : undefined,
    temperature ? `avg by (device) (${temperature})` : undefined,
    temperature ? `max_over_time(${temperature}[1h]) - min_over_time(${temperature}[1h])` : undefined,
    power ? `topk(5, ${power})` : undefined,
    power ? `sum(${power})` : undefined,
    total ? `increase(${total}[1h])` : undefined,
    "count by (__name__) ({__name__!=\"\"})",
  ].filter((query): query is string => query !== undefined);
}

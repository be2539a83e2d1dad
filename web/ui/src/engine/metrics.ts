// SPDX-License-Identifier: MIT
// The Prometheus text of /metrics, and its history while the page is open.
import type { Labels } from "../lib/labels";

export interface Metric {
  name: string;
  labels: Labels;
  value: number;
}
export interface Family {
  type: string;
  help: string;
  metrics: Metric[];
}
export type Exposition = Map<string, Family>;

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function labelsOf(text: string | undefined): Labels {
  const labels: Labels = {};
  for (const [, name, value] of (text ?? "").matchAll(LABEL)) {
    if (name) labels[name] = (value ?? "").replace(/\\(.)/g, (_all, one: string) => (one === "n" ? "\n" : one));
  }
  return labels;
}

function valueOf(text: string): number {
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text);
}

export function parseExposition(text: string): Exposition {
  const families: Exposition = new Map();
  const family = (name: string): Family => {
    let found = families.get(name);
    if (!found) {
      found = { type: "untyped", help: "", metrics: [] };
      families.set(name, found);
    }
    return found;
  };
  for (const line of text.split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) {
      const [, what, name = "", rest = ""] = comment;
      if (what === "HELP") family(name).help = rest;
      else family(name).type = rest;
      continue;
    }
    const sample = line.startsWith("#") ? null : LINE.exec(line);
    if (sample?.[1]) family(sample[1]).metrics.push(
      { name: sample[1], labels: labelsOf(sample[2]), value: valueOf(sample[3] ?? "") });
  }
  return families;
}

export interface Snapshot {
  t: number;
  families: Exposition;
}

/** Sum over the metrics of the name whose labels include `match`; null when there is none. */
export function total(families: Exposition, name: string, match: Labels = {}): number | null {
  const found = families.get(name)?.metrics.filter((metric) => (
    Object.entries(match).every(([key, value]) => metric.labels[key] === value))) ?? [];
  return found.length > 0 ? found.reduce((sum, metric) => sum + metric.value, 0) : null;
}

/** Increase per second between two snapshots; null without data or after a restart. */
export function perSecond(before: Snapshot, after: Snapshot, name: string, match: Labels = {}): number | null {
  const first = total(before.families, name, match);
  const last = total(after.families, name, match);
  if (first === null || last === null || last < first || after.t <= before.t) return null;
  return ((last - first) * 1e3) / (after.t - before.t);
}

/** Values of a label of a metric, most first. */
export function byLabel(families: Exposition, name: string, label: string): Array<[string, number]> {
  const sums = new Map<string, number>();
  for (const metric of families.get(name)?.metrics ?? []) {
    const key = metric.labels[label] ?? "";
    sums.set(key, (sums.get(key) ?? 0) + metric.value);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

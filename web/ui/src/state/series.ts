// SPDX-License-Identifier: MIT
// Every series the page knows, with its newest value. A tile follows its own series' signal, so a
// live event costs as much as the tiles that show it.
import { batch, signal, type Signal } from "@preact/signals";

import { messageOf } from "../api/http";
import { snapshot, type LiveSample } from "../api/live";
import { instant, metadata, type Metadata } from "../api/prometheus";
import { unitText } from "../lib/format";
import { kindOf, unitFromName, type Kind } from "../lib/kinds";
import { metricName, placeOf, selector, seriesTitle, type Labels, type Place } from "../lib/labels";

export interface Latest {
  /** NaN = no value known. */
  v: number;
  /** ms; 0 = not known yet. */
  t: number;
  /** The server no longer calls the value current. */
  stale: boolean;
}

export interface Series {
  key: string;
  labels: Labels;
  metric: string;
  title: string;
  place: Place;
  unit: string;
  kind: Kind;
  latest: Signal<Latest>;
  /** Most decimals shown so far, so that the value does not jump about. */
  decimals: number;
  /** Lower-case text that the search box looks in. */
  haystack: string;
}

export const EVERYTHING = '{__name__!=""}';

/** Changes when series appear, not when values do. */
export const seriesVersion = signal(0);
export const loadState = signal<{ phase: "loading" | "ready" | "failed"; error: string }>(
  { phase: "loading", error: "" });
const registry = new Map<string, Series>();
let units: Record<string, Metadata[]> = {};

export function allSeries(): Series[] {
  return [...registry.values()];
}

export function findSeries(key: string): Series | undefined {
  return registry.get(key);
}

/** The unit of a metric's series. */
export function unitOf(metric: string): string {
  const known = new Set((units[metric] ?? []).map((entry) => entry.unit));
  // The answer does not say which series has which: with two units, none is better than a wrong one.
  const [only] = known;
  return known.size === 1 && only ? unitText(only) : unitFromName(metric);
}

function create(key: string, labels: Labels): Series {
  const metric = metricName(labels);
  const unit = unitOf(metric);
  const place = placeOf(labels);
  const title = seriesTitle(labels);
  const haystack = [title, place.title, place.context, ...Object.values(labels)].join(" ").toLowerCase();
  const latest = signal<Latest>({ v: NaN, t: 0, stale: true });
  return { key, labels, metric, title, place, unit, kind: kindOf(metric, unit), latest, decimals: 0, haystack };
}

function ensure(labels: Labels): { series: Series; added: boolean } {
  const key = selector(labels);
  const known = registry.get(key);
  if (known) return { series: known, added: false };
  const series = create(key, labels);
  registry.set(key, series);
  return { series, added: true };
}

function setUnit(series: Series, unit: string): void {
  if (unit === series.unit) return;
  series.unit = unit;
  series.kind = kindOf(series.metric, unit);
  series.latest.value = { ...series.latest.peek() };  // whoever shows the value shows it anew
}

/** Takes samples with their own times: of the live stream or a snapshot. */
export function applySamples(samples: LiveSample[]): void {
  let added = false;
  batch(() => {
    for (const { labels, t, v, unit } of samples) {
      const entry = ensure(labels);
      if (unit) setUnit(entry.series, unitText(unit));
      added = added || entry.added;
      const before = entry.series.latest.peek();
      if (t < before.t || (t === before.t && Object.is(v, before.v))) continue;
      // A stale marker keeps the value that was last seen.
      entry.series.latest.value = Number.isNaN(v) ? { ...before, t, stale: true } : { v, t, stale: false };
    }
    if (added) seriesVersion.value += 1;
  });
}

async function loadUnits(): Promise<void> {
  try {
    units = await metadata();
  } catch {
    units = {};  // values are shown without units
  }
  for (const series of registry.values()) {
    const unit = unitOf(series.metric);
    if (unit) setUnit(series, unit);
  }
}

/** How many series a query no longer finds. */
export const silentCount = signal(0);

function markStale(current: Set<string>): void {
  silentCount.value = registry.size - [...registry.keys()].filter((key) => current.has(key)).length;
  for (const series of registry.values()) {
    const latest = series.latest.peek();
    const stale = !current.has(series.key);
    if (latest.stale !== stale) series.latest.value = { ...latest, stale };
  }
}

/** Asks for all series again; those that a query no longer finds become stale. */
export async function refresh(): Promise<void> {
  try {
    const [samples, answer] = await Promise.all([snapshot([]), instant(EVERYTHING), loadUnits()]);
    batch(() => {
      applySamples(samples);
      markStale(new Set(answer.vector.map(({ labels }) => selector(labels))));
      if (loadState.peek().phase !== "ready") seriesVersion.value += 1;
      loadState.value = { phase: "ready", error: "" };
    });
  } catch (error) {
    if (loadState.peek().phase !== "ready") loadState.value = { phase: "failed", error: messageOf(error) };
  }
}

// SPDX-License-Identifier: MIT
// Tiles into groups, groups into bands of fixed height, bands into the window: with two thousand
// series only the bands near the view are in the document.
import { collate } from "../lib/format";
import { humanise } from "../lib/labels";
import type { Series } from "../state/series";

export type GroupBy = "device" | "metric" | "area";

export interface Group {
  key: string;
  title: string;
  context: string;
  members: Series[];
}

/** A part of a group that stands in one band. */
export interface Section {
  group: Group;
  members: Series[];
  /** Columns it takes. */
  span: number;
  /** False on a group's further bands. */
  withTitle: boolean;
  /** Position of the first member within the group. */
  offset: number;
}
export interface Band {
  sections: Section[];
  rows: number;
  top: number;
  height: number;
}

export interface Metrics {
  columns: number;
  tileHeight: number;
  gap: number;
  titleHeight: number;
}

const ROWS_PER_BAND = 4;

function groupIdentity(series: Series, by: GroupBy): { key: string; title: string; context: string } {
  if (by === "metric") return { key: series.metric, title: humanise(series.metric), context: "" };
  if (by === "area") {
    const area = series.labels["area"] ?? series.labels["site"] ?? series.labels["group"] ?? "";
    return { key: area, title: area || "No area", context: "" };
  }
  if (!isNameless(series)) return series.place;
  // Metrics of no device stand together by their first word.
  const word = /^[^_.:/-]+/.exec(series.metric)?.[0] ?? series.metric;
  return { key: `=${word}`, title: GENERAL_TITLES[word] ?? humanise(word), context: "" };
}

/** No label names a thing that the series belongs to. */
function isNameless(series: Series): boolean {
  return series.place.key.startsWith("=");
}

const GENERAL_TITLES: Record<string, string> = { sys: "Broker ($SYS)" };

export function groupSeries(all: Series[], by: GroupBy): Group[] {
  const groups = new Map<string, Group>();
  for (const series of all) {
    const identity = groupIdentity(series, by);
    let group = groups.get(identity.key);
    if (!group) {
      group = { key: identity.key, title: identity.title, context: identity.context, members: [] };
      groups.set(identity.key, group);
    }
    group.members.push(series);
  }
  const sorted = [...groups.values()];
  // Devices first; among them as people count: "pump 2" before "pump 10".
  sorted.sort((a, b) => Number(a.key.startsWith("=")) - Number(b.key.startsWith("="))
    || collate(a.title, b.title) || collate(a.context, b.context));
  for (const group of sorted) {
    group.members.sort((a, b) => (a.kind.rank ?? 0) - (b.kind.rank ?? 0)
      || collate(a.title, b.title) || collate(a.key, b.key));
  }
  return sorted;
}

function heightOf(rows: number, withTitle: boolean, metrics: Metrics): number {
  const tiles = rows * (metrics.tileHeight + metrics.gap);
  return tiles + (withTitle ? metrics.titleHeight : 0);
}

/** How far ahead a small group is looked for that fits beside the others. */
const LOOK_AHEAD = 8;

/** Small groups share a band side by side; large ones take as many bands as they need. */
export function layOut(groups: Group[], metrics: Metrics): Band[] {
  const bands: Band[] = [];
  const waiting = [...groups];
  let top = 0;
  const push = (sections: Section[], rows: number): void => {
    const height = heightOf(rows, sections.some((section) => section.withTitle), metrics);
    bands.push({ sections, rows, top, height });
    top += height;
  };
  const takeRow = (first: Group): void => {
    const row = [first];
    let free = metrics.columns - first.members.length;
    for (let index = 0; index < Math.min(LOOK_AHEAD, waiting.length) && free > 0; index += 1) {
      const group = waiting[index];
      if (!group || group.members.length > free) continue;
      row.push(...waiting.splice(index, 1));
      free -= group.members.length;
      index -= 1;
    }
    push(row.map((group) => (
      { group, members: group.members, span: group.members.length, withTitle: true, offset: 0 })), 1);
  };
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const size = group.members.length;
    if (size <= metrics.columns) {
      takeRow(group);
      continue;
    }
    const perBand = metrics.columns * ROWS_PER_BAND;
    for (let offset = 0; offset < size; offset += perBand) {
      const members = group.members.slice(offset, offset + perBand);
      const section = { group, members, span: metrics.columns, withTitle: offset === 0, offset };
      push([section], Math.ceil(members.length / metrics.columns));
    }
  }
  return bands;
}

export function totalHeight(bands: Band[]): number {
  const last = bands[bands.length - 1];
  return last ? last.top + last.height : 0;
}

/** Indexes [first, last) of the bands that touch the given stretch. */
export function visibleBands(bands: Band[], from: number, to: number): [number, number] {
  let low = 0;
  let high = bands.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const band = bands[middle];
    if (band && band.top + band.height < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < bands.length && (bands[end]?.top ?? 0) <= to) end += 1;
  return [low, end];
}

/** Every word of the query must occur; `-word` must not. */
export function matches(series: Series, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word);
  return words.every((word) => (word.length > 1 && word.startsWith("-")
    ? !series.haystack.includes(word.slice(1))
    : series.haystack.includes(word)));
}

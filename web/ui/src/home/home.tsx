// SPDX-License-Identifier: MIT
// The first page: everything that is recorded, now.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { Live, type LiveSample } from "../api/live";
import { plural } from "../lib/format";
import { distinguish, humanise, metricName, placeOf, selector, shortTitle, type Labels } from "../lib/labels";
import { pins } from "../state/pins";
import { route, setParams } from "../state/router";
import {
  allSeries, applySamples, loadState, refresh, seriesVersion, type Series,
} from "../state/series";
import { AUTO, chooseSparkWindow, extendSpark, reloadSparks, SPARK_WINDOWS } from "../state/sparks";
import { Icon } from "../ui/icons";
import { EmptyHome } from "./empty";
import { Grid } from "./grid";
import { groupSeries, matches, type Group, type GroupBy } from "./layout";
import { samplesSeen, StatusStrip } from "./status";

const REFRESH_MS = 60e3;

function takeLive(samples: LiveSample[]): void {
  applySamples(samples);
  samplesSeen.value += samples.length;
  for (const sample of samples) extendSpark(selector(sample.labels), sample.t, sample.v);
}

function useLiveSeries(): void {
  useEffect(() => {
    void refresh();
    const live = new Live({
      match: [],
      onSamples: takeLive,
      onGap: () => {
        reloadSparks();
        void refresh();
      },
    });
    const timer = window.setInterval(() => {
      if (!document.hidden) void refresh();
    }, REFRESH_MS);
    return () => {
      live.stop();
      window.clearInterval(timer);
    };
  }, []);
}

function SearchBox({ query }: { query: string }): JSX.Element {
  const ref = useRef<HTMLInputElement>(null);
  return (
    <label class="search">
      <Icon name="search" size={18} />
      <input ref={ref} type="search" id="search" placeholder="Search devices, metrics, labels" value={query}
        aria-label="Search series" autocomplete="off" spellcheck={false}
        onInput={(event) => setParams({ q: event.currentTarget.value || null }, true)} />
      <kbd class="wide-only">/</kbd>
    </label>
  );
}

function Choice(props: {
  label: string; value: string; options: Array<[string, string]>; onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );
}

function Toolbar({ query, by, span }: { query: string; by: GroupBy; span: string }): JSX.Element {
  return (
    <div class="toolbar">
      <SearchBox query={query} />
      <Choice label="Group by" value={by}
        options={[["device", "Device"], ["area", "Area"], ["metric", "Metric"]]}
        onChange={(value) => setParams({ group: value === "device" ? null : value })} />
      <Choice label="Trend" value={span}
        options={[[AUTO, "Auto"], ...SPARK_WINDOWS.map(({ label }): [string, string] => [label, label])]}
        onChange={(value) => setParams({ trend: value === AUTO ? null : value })} />
    </div>
  );
}

const PINNED = "pinned\u0001";

function withPins(groups: Group[], shown: Series[], pinned: string[]): Group[] {
  const members = pinned.flatMap((key) => shown.find((series) => series.key === key) ?? []);
  return members.length > 0 ? [{ key: PINNED, title: "Pinned", context: "", members }, ...groups] : groups;
}

/** What a tile says beyond its group's title. */
function titlesOf(groups: Group[], by: GroupBy): Map<string, string> {
  const base = (labels: Labels): string => {
    const place = placeOf(labels);
    // The group of metrics without a device is named after their first word.
    const nameless = by === "device" && place.key.startsWith("=");
    const name = metricName(labels);
    const metric = humanise(nameless ? name.replace(/^[^_.:/-]+[_.:/-](?=.)/, "") : name);
    if (by === "device" || place.key.startsWith("=")) return metric;
    return by === "metric" ? place.title : `${place.title} · ${metric}`;
  };
  const titles = new Map<string, string>();
  for (const group of groups) {
    const labels = group.members.map((series) => series.labels);
    const names = distinguish(labels, group.key === PINNED ? shortTitle : base);
    group.members.forEach((series, index) => titles.set(group.key + series.key, names[index] ?? series.title));
  }
  return titles;
}

export function Home(): JSX.Element {
  useLiveSeries();
  const params = route.value.params;
  const query = params.get("q") ?? "";
  const by = (params.get("group") ?? "device") as GroupBy;
  const span = params.get("trend") ?? AUTO;
  const silent = params.has("silent");
  const version = seriesVersion.value;
  const state = loadState.value;
  useEffect(() => chooseSparkWindow(span), [span]);

  const shown = useMemo(
    () => allSeries().filter((series) => matches(series, query) && !(silent && !series.latest.peek().stale)),
    [version, query, silent]);
  const pinned = pins.value;
  const groups = useMemo(() => withPins(groupSeries(shown, by), shown, pinned), [shown, by, pinned]);
  const titleOf = useMemo(() => {
    const titles = titlesOf(groups, by);
    return (group: string, key: string) => titles.get(group + key);
  }, [groups, by]);
  const total = allSeries().length;
  if (state.phase === "ready" && total === 0) return <EmptyHome />;
  return (
    <div class="page home">
      <StatusStrip series={total} groups={groups.length} onlySilent={silent} />
      <Toolbar query={query} by={by} span={span} />
      {state.phase === "failed" && <p class="banner crit" role="alert">Cannot load the series: {state.error}. Trying again every minute.</p>}
      {state.phase === "loading" && total === 0 && <Skeleton />}
      {total > 0 && shown.length === 0 && (
        <div class="empty"><h2>{query ? `No series matches “${query}”` : "No series is silent"}</h2>
          <button class="button" onClick={() => setParams({ q: null, silent: null })}>Show all {plural(total, "series", "series")}</button></div>
      )}
      <Grid groups={groups} titleOf={titleOf} />
    </div>
  );
}

function Skeleton(): JSX.Element {
  return <div class="skeleton" aria-label="Loading">{Array.from({ length: 12 }, (_, index) => <div key={index} />)}</div>;
}

// SPDX-License-Identifier: MIT
// One or more series over time. The address holds everything: `s` (selectors), `from`, `to`,
// `hide` (series not drawn), `view=table`.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { liveState } from "../api/live";
import { fullTitle, placeOf, seriesTitle } from "../lib/labels";
import { DEFAULT_FROM, duration, isLive, type Range } from "../lib/time";
import { findSeries, seriesVersion } from "../state/series";
import { isPinned, togglePin } from "../state/pins";
import { go, isPlainClick, route, setParams } from "../state/router";
import { LiveBadge } from "../home/status";
import { Icon } from "../ui/icons";
import { onShortcut } from "../ui/keyboard";
import { downloadCsv } from "./csv";
import type { ChartData } from "./data";
import { ChartFigure } from "./figure";
import { Legend } from "./legend";
import { describe } from "./lines";
import { RangePicker } from "./range_picker";
import { SeriesAdder } from "./series_adder";
import { DataTable } from "./table";
import { useChart } from "./use_chart";
import { rememberZoom, zoomOut } from "./zoom";

function readRange(params: URLSearchParams): Range {
  return { from: params.get("from") ?? DEFAULT_FROM, to: params.get("to") ?? "now" };
}

function Title({ selectors, data }: { selectors: string[]; data: ChartData | null }): JSX.Element {
  void seriesVersion.value;
  const count = Math.max(selectors.length, data?.series.length ?? 0);
  const labels = count > 1 ? undefined : findSeries(selectors[0] ?? "")?.labels ?? data?.series[0]?.labels;
  const text = labels ? seriesTitle(labels) : count > 1 ? `${count} series` : selectors[0] ?? "";
  const place = labels ? placeOf(labels) : null;
  const device = place && !place.key.startsWith("=") ? [place.title, place.context].filter(Boolean).join(" · ") : "";
  useEffect(() => {
    document.title = `${labels ? fullTitle(labels) : text} · Cistern`;
    return () => {
      document.title = "Cistern";
    };
  }, [text, device]);
  return (
    <div class="chart-title">
      <a class="icon-button" href="./" aria-label="Back to all series" onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        go("");
      }}><Icon name="back" /></a>
      <div>
        <h1>{text}</h1>
        {device && <p class="muted">{device}</p>}
      </div>
    </div>
  );
}

function Tools({ selectors, data, view, live }: {
  selectors: string[]; data: ChartData | null; view: string; live: boolean;
}): JSX.Element {
  const step = data?.stepSeconds ?? 0;
  return (
    <div class="chart-tools">
      <SeriesAdder selectors={selectors} />
      {selectors.length === 1 && (
        <button class="button" aria-pressed={isPinned(selectors[0] ?? "")} onClick={() => togglePin(selectors[0] ?? "")}
          title="Show it first on Home, in this browser"><Icon name="pin" size={18} />Pin</button>)}
      <button class="button" aria-pressed={view === "table"}
        onClick={() => setParams({ view: view === "table" ? null : "table" }, true)}>
        <Icon name="table" size={18} />Table</button>
      <button class="button" disabled={!data} onClick={() => data && downloadCsv(data)}>
        <Icon name="download" size={18} />CSV</button>
      <span class="muted chart-note">
        {data && (step > 0 ? `mean with min and max of every ${duration(step * 1e3)}` : "every stored sample")}
        {live && liveState.value !== "live" && <LiveBadge />}
      </span>
    </div>
  );
}

export function ChartPage(): JSX.Element {
  const params = route.value.params;
  const selectors = params.getAll("s");
  const range = readRange(params);
  const view = params.get("view") ?? "chart";
  const hidden = useMemo(() => new Set(params.getAll("hide")), [params]);
  const paused = useSignal(false);
  const cursor = useSignal<number | null>(null);
  const chart = useChart(selectors, range, paused);
  const setRange = (next: Range): void => {
    rememberZoom(range);
    setParams({ from: next.from, to: next.to });
  };
  const reset = (): void => {
    const back = zoomOut(range);
    setParams({ from: back.from, to: back.to });
  };
  useEffect(() => onShortcut({
    "t z": reset,
    l: () => {
      paused.value = !paused.value;
    },
    Escape: () => go(""),
  }), [range.from, range.to]);
  const { data } = chart;
  const lines = data ? describe(data.series, hidden) : [];
  return (
    <div class="page chart-page">
      <div class="chart-bar">
        <Title selectors={selectors} data={data} />
        <RangePicker range={range} onChange={setRange} onZoomOut={reset} />
        {isLive(range) && (
          <button class="button" aria-pressed={paused.value} onClick={() => {
            paused.value = !paused.value;
          }} title="Live or paused (l)">
            <Icon name={paused.value ? "play" : "pause"} size={18} />{paused.value ? "Resume" : "Pause"}
          </button>
        )}
      </div>
      <div class="card chart-card">
        <ChartFigure chart={chart} lines={lines} paused={paused} cursor={cursor}
          onZoom={(span) => setRange({ from: String(Math.round(span.fromMs)), to: String(Math.round(span.toMs)) })}
          onReset={reset} />
        {data && <Legend data={data} lines={lines} hidden={hidden} cursor={cursor} grown={chart.grown}
          range={range} selectors={selectors} />}
      </div>
      <Tools selectors={selectors} data={data} view={view} live={isLive(range)} />
      {view === "table" && data && <DataTable data={data} lines={lines} />}
    </div>
  );
}

// SPDX-License-Identifier: MIT
// The drawn chart with its tooltip, its states without data, and its description for screen readers.
import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { plural } from "../lib/format";
import { age, dateTime, describeRange, isLive, resolve, type Range, type Span } from "../lib/time";
import { now } from "../state/clock";
import { route, setParams } from "../state/router";
import { findSeries } from "../state/series";
import { isDark } from "../state/theme";
import { statsOf, type ChartData } from "./data";
import { Plot, type PlotLine } from "./plot";
import { Tooltip } from "./tooltip";
import type { Chart } from "./use_chart";
import { valueText } from "./values";

export interface FigureProps {
  chart: Chart;
  lines: PlotLine[];
  paused: Signal<boolean>;
  cursor: Signal<number | null>;
  onZoom: (span: Span) => void;
  onReset: () => void;
}

function rangeNow(): Range {
  const params = route.peek().params;
  return { from: params.get("from") ?? "now-1h", to: params.get("to") ?? "now" };
}

/** What the chart shows, in a sentence. */
function summary(data: ChartData, lines: PlotLine[]): string {
  const parts = data.series.map((series, index) => {
    const line = lines[index];
    const stats = statsOf(series, data.span);
    if (!line || stats.count === 0) return "";
    const value = (v: number): string => valueText(v, line.unit);
    return `${line.label}: lowest ${value(stats.min)}, highest ${value(stats.max)}, last ${value(stats.last)}`;
  });
  return `${describeRange(rangeNow(), Date.now())}. ${parts.filter(Boolean).join(". ")}`;
}

function isEmpty(data: ChartData): boolean {
  return data.series.every((series) => series.mean.t.length === 0);
}

/** When the newest of the chart's series was last heard of, ms; 0 = unknown. */
function lastHeard(): number {
  return Math.max(0, ...route.peek().params.getAll("s").map((key) => findSeries(key)?.latest.value.t ?? 0));
}

function NoData(): JSX.Element {
  const range = rangeNow();
  const last = lastHeard();
  return (
    <div class="chart-message">
      <p>No data in {describeRange(range, Date.now())}.</p>
      <div class="row">
        {last > 0 && (
          <button class="button primary" onClick={() => setParams({ from: String(last - 3600e3), to: String(last + 300e3) })}>
            Go to the last value, {age(Date.now() - last)} ago</button>)}
        {["now-24h", "now-7d", "now-30d"].map((from) => (
          <button key={from} class="button" onClick={() => setParams({ from, to: "now" })}>
            {describeRange({ from, to: "now" }, 0)}</button>
        ))}
      </div>
    </div>
  );
}

interface Drawing {
  box: { current: HTMLDivElement | null };
  place: { left: number; top: number };
  /** Live updates that wait because the chart is held still. */
  waiting: number;
}

/** Keeps a uPlot in the box: made anew for other data or colours, grown by live samples. */
function usePlot(props: FigureProps): Drawing {
  const { chart, lines, paused, cursor } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const place = useSignal({ left: 0, top: 0 });
  const held = useSignal(false);
  const waiting = useSignal(0);
  const drawn = useRef(chart.grown.peek());
  const latest = useRef(props);
  latest.current = props;
  const { data } = chart;
  const dark = isDark.value;
  const shape = lines.map((line) => `${line.label}${line.color}${line.hidden}${line.unit}`).join("|");

  useEffect(() => {
    const element = box.current;
    if (!element || !data || isEmpty(data)) return undefined;
    const made = new Plot(element, data, lines, {
      onZoom: (span) => latest.current.onZoom(span),
      onReset: () => latest.current.onReset(),
      onHold: (hold) => {
        held.value = hold;
      },
      onCursor: (t, left, top) => {
        cursor.value = t;
        place.value = { left, top };
      },
    });
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(element.clientWidth, element.clientHeight));
    observer.observe(element);
    (window as unknown as { cisternChart?: Plot }).cisternChart = made;  // for tests and the curious
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
      cursor.value = null;
    };
  }, [data, dark, shape]);

  // New samples and the passing of time move the chart, unless somebody is looking closely.
  useSignalEffect(() => {
    void now.value;
    const count = chart.grown.value;
    const still = held.value || cursor.value !== null || paused.value;
    const present = latest.current.chart.data;
    if (still || !plot.current || !present) {
      waiting.value = still ? count - drawn.current : 0;
      return;
    }
    drawn.current = count;
    waiting.value = 0;
    const range = rangeNow();
    if (isLive(range)) plot.current.update({ ...present, span: resolve(range, Date.now()) });
  });
  return { box, place: place.value, waiting: waiting.value };
}

export function ChartFigure(props: FigureProps): JSX.Element {
  const { chart, lines, cursor } = props;
  const { box, place, waiting } = usePlot(props);
  const { data } = chart;
  return (
    <figure class="chart" data-loading={chart.loading}>
      <div class="chart-box" ref={box} tabIndex={0} role="img"
        aria-label={data && !isEmpty(data) ? summary(data, lines) : "Chart"}
        aria-description="Arrow keys move the cursor, plus and minus zoom, 0 resets" />
      {data && cursor.value !== null && (
        <Tooltip data={data} lines={lines} t={cursor.value} place={place} width={box.current?.clientWidth ?? 0} />
      )}
      {data && isEmpty(data) && !chart.loading && <NoData />}
      {chart.error && (
        <div class="chart-message"><p class="crit" role="alert">{chart.error}</p>
          <button class="button" onClick={chart.reload}>Try again</button></div>
      )}
      {isLive(rangeNow()) && waiting > 0 && (
        <span class="chart-pill">held · {plural(waiting, "update")} waiting</span>
      )}
      <figcaption class="visually-hidden" aria-live="polite">
        {data && cursor.value !== null ? dateTime(cursor.value) : ""}
      </figcaption>
    </figure>
  );
}

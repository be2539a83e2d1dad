// SPDX-License-Identifier: MIT
// PromQL by hand. Address: `q` (expressions), `from`, `to`, `view=table`, `hide`.
import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";

import { downloadCsv } from "../chart/csv";
import { ChartFigure } from "../chart/figure";
import { Legend } from "../chart/legend";
import { describe } from "../chart/lines";
import { RangePicker } from "../chart/range_picker";
import { rememberZoom, zoomOut } from "../chart/zoom";
import { exact, plural } from "../lib/format";
import { selector } from "../lib/labels";
import { DEFAULT_FROM, duration, type Range } from "../lib/time";
import { route, setParams } from "../state/router";
import { loadState, refresh, seriesVersion } from "../state/series";
import { Icon } from "../ui/icons";
import { Editor } from "./editor";
import { useQuery, type Outcome } from "./use_query";
import { examples } from "./vocabulary";

const MAX_QUERIES = 6;
const MAX_ROWS = 500;
const neverGrows = signal(0);

function Examples(): JSX.Element {
  void seriesVersion.value;
  return (
    <div class="examples"><p class="muted">Try one of these:</p>
      {examples().map((query) => (
        <button key={query} class="button code" onClick={() => setParams({ q: [query] })}>{query}</button>))}
    </div>
  );
}

function ResultTable({ outcome }: { outcome: Outcome }): JSX.Element {
  return (
    <>{outcome.table.map(({ query, rows, text }) => (
      <div class="card table-box" key={query}>
        <table class="data result">
          <caption class="muted"><code>{query}</code> · {text || plural(rows.length, "result")}
            {rows.length > MAX_ROWS ? `, the first ${MAX_ROWS} shown` : ""}</caption>
          <tbody>{rows.slice(0, MAX_ROWS).map((row, index) => (
            <tr key={index}><th scope="row">{selector(row.labels)}</th><td>{exact(row.v)}</td></tr>))}</tbody>
        </table>
      </div>
    ))}</>
  );
}

function ResultChart({ outcome, loading, range, setRange, reload }: {
  outcome: Outcome; loading: boolean; range: Range; setRange: (range: Range) => void; reload: () => void;
}): JSX.Element {
  const paused = useSignal(false);
  const cursor = useSignal<number | null>(null);
  const params = route.value.params;
  const hidden = useMemo(() => new Set(params.getAll("hide")), [params]);
  const data = outcome.chart;
  const lines = data ? describe(data.series, hidden) : [];
  return (
    <div class="card chart-card">
      <ChartFigure chart={{ data, loading, error: "", grown: neverGrows, reload }} lines={lines} paused={paused} cursor={cursor}
        onZoom={(span) => setRange({ from: String(Math.round(span.fromMs)), to: String(Math.round(span.toMs)) })}
        onReset={() => setParams({ ...zoomOut(range) })} />
      {data && <Legend data={data} lines={lines} hidden={hidden} cursor={cursor} grown={neverGrows}
        range={range} selectors={[]} />}
    </div>
  );
}

function Note({ outcome, view }: { outcome: Outcome; view: string }): JSX.Element {
  const parts = [
    outcome.chart && view !== "table" ? `${plural(outcome.chart.series.length + outcome.left, "series", "series")}, step ${duration(outcome.chart.stepSeconds * 1e3)}` : "",
    outcome.left > 0 ? `${outcome.left} not drawn` : "",
    outcome.tookMs > 0 ? `${Math.round(outcome.tookMs)} ms` : "",
  ];
  return <span class="muted chart-note">{parts.filter(Boolean).join(" · ")}</span>;
}

function QueryList({ queries, setQueries }: { queries: string[]; setQueries: (next: string[]) => void }): JSX.Element {
  const [rows, setRows] = useState(Math.max(1, queries.length));
  useEffect(() => setRows(Math.max(1, queries.length)), [queries.length]);
  return (
    <div class="queries">
      {Array.from({ length: rows }, (_, index) => (
        <div class="query-row" key={index}>
          <Editor id={`query-${index}`} value={queries[index] ?? ""}
            onRun={(text) => setQueries(Array.from({ length: rows }, (_unused, at) => (at === index ? text : queries[at] ?? "")))} />
          {rows > 1 && (
            <button class="icon-button" aria-label="Remove this expression" onClick={() => {
              setRows(rows - 1);
              setQueries(queries.filter((_unused, at) => at !== index));
            }}><Icon name="close" size={18} /></button>)}
        </div>
      ))}
      <div class="row">
        <button class="button primary" onClick={() => {
          const typed = Array.from(document.querySelectorAll<HTMLTextAreaElement>(".queries textarea"), (area) => area.value.trim());
          setQueries(typed);
        }}>Run</button>
        {rows < MAX_QUERIES && (
          <button class="button" onClick={() => setRows(rows + 1)}><Icon name="plus" size={18} />Add expression</button>)}
      </div>
    </div>
  );
}

export function ExplorePage(): JSX.Element {
  const params = route.value.params;
  const queries = params.getAll("q");
  const view = params.get("view") ?? "chart";
  const range: Range = { from: params.get("from") ?? DEFAULT_FROM, to: params.get("to") ?? "now" };
  useEffect(() => {
    if (loadState.peek().phase !== "ready") void refresh();
  }, []);
  const { outcome, loading, reload } = useQuery(queries, range, view);
  const setRange = (next: Range): void => {
    rememberZoom(range);
    setParams({ from: next.from, to: next.to });
  };
  return (
    <div class="page explore-page">
      <QueryList queries={queries} setQueries={(next) => {
        const wanted = next.filter(Boolean);
        if (wanted.join("\u0001") === queries.join("\u0001")) reload();
        else setParams({ q: wanted, hide: null });
      }} />
      {outcome.errors.map(({ query, message }) => (
        <div class="banner crit query-error" role="alert" key={query}><b>{message}</b><code>{query}</code></div>))}
      {outcome.warnings.map((text) => <p class="banner warn" key={text}>{text}</p>)}
      <div class="chart-bar">
        <div class="segments" role="group" aria-label="View">
          {[["chart", "Chart"], ["table", "Table"]].map(([value, text]) => (
            <button key={value} aria-pressed={view === value}
              onClick={() => setParams({ view: value === "chart" ? null : value ?? null })}>{text}</button>))}
        </div>
        <Note outcome={outcome} view={view} />
        <RangePicker range={range} onChange={setRange} onZoomOut={() => setParams({ ...zoomOut(range) })} />
      </div>
      {queries.length === 0 && <Examples />}
      {queries.length > 0 && (view === "table"
        ? <ResultTable outcome={outcome} />
        : <ResultChart outcome={outcome} loading={loading} range={range} setRange={setRange} reload={reload} />)}
      {outcome.chart && view !== "table" && (
        <div class="chart-tools"><button class="button" onClick={() => outcome.chart && downloadCsv(outcome.chart)}>
          <Icon name="download" size={18} />CSV</button></div>)}
    </div>
  );
}

// SPDX-License-Identifier: MIT
// Expressions evaluated over the range (chart) or at its end (table).
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { isAbort, messageOf } from "../api/http";
import { instant, queryRange, type InstantSample } from "../api/prometheus";
import { gapLimit, type ChartData, type ChartSeries } from "../chart/data";
import { selector } from "../lib/labels";
import { isLive, niceStep, resolve, type Range } from "../lib/time";

const REFRESH_MS = 10e3;
const MAX_SERIES = 200;

export interface Outcome {
  chart: ChartData | null;
  table: Array<{ query: string; rows: InstantSample[]; text: string }>;
  errors: Array<{ query: string; message: string }>;
  warnings: string[];
  /** Series that were found but are not drawn. */
  left: number;
  tookMs: number;
}
const NOTHING: Outcome = { chart: null, table: [], errors: [], warnings: [], left: 0, tookMs: 0 };

async function settle<T>(queries: string[], ask: (query: string) => Promise<T>): Promise<{
  answers: Array<{ query: string; answer: T }>; errors: Outcome["errors"];
}> {
  const settled = await Promise.allSettled(queries.map(ask));
  const answers: Array<{ query: string; answer: T }> = [];
  const errors: Outcome["errors"] = [];
  settled.forEach((one, index) => {
    const query = queries[index] ?? "";
    if (one.status === "fulfilled") answers.push({ query, answer: one.value });
    else if (isAbort(one.reason)) throw one.reason;
    else errors.push({ query, message: messageOf(one.reason) });
  });
  return { answers, errors };
}

async function runChart(queries: string[], range: Range, signal: AbortSignal): Promise<Outcome> {
  const span = resolve(range, Date.now());
  const stepSeconds = niceStep(span, Math.min(1000, Math.max(200, window.innerWidth / 2)));
  const stepMs = stepSeconds * 1e3;
  const fromMs = Math.floor(span.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(span.toMs / stepMs) * stepMs;
  const { answers, errors } = await settle(queries, (query) => queryRange({ query, fromMs, toMs, stepSeconds }, signal));
  const all = answers.flatMap(({ query, answer }) => answer.matrix.map((one): ChartSeries => ({
    key: `${query}\u0001${selector(one.labels)}`, labels: one.labels, mean: { t: one.t, v: one.v },
    maxGapMs: gapLimit(one.t, stepMs),
  })));
  return {
    ...NOTHING, errors, warnings: answers.flatMap(({ answer }) => answer.warnings),
    chart: { series: all.slice(0, MAX_SERIES), stepSeconds, span }, left: Math.max(0, all.length - MAX_SERIES),
  };
}

async function runTable(queries: string[], range: Range, signal: AbortSignal): Promise<Outcome> {
  const { toMs } = resolve(range, Date.now());
  const { answers, errors } = await settle(queries, (query) => instant(query, toMs, signal));
  const table = answers.map(({ query, answer }) => ({
    query, text: answer.text,
    rows: answer.type === "matrix"
      ? answer.matrix.flatMap((one) => one.t.map((t, index) => ({ labels: one.labels, t, v: one.v[index] ?? NaN })))
      : answer.vector,
  }));
  return { ...NOTHING, table, errors, warnings: answers.flatMap(({ answer }) => answer.warnings) };
}

export function useQuery(queries: string[], range: Range, view: string): { outcome: Outcome; loading: boolean; reload: () => void } {
  const outcome = useSignal(NOTHING);
  const loading = useSignal(false);
  const again = useSignal(0);
  const key = queries.join("\u0001");
  useEffect(() => {
    if (queries.length === 0) {
      outcome.value = NOTHING;
      return undefined;
    }
    const abort = new AbortController();
    const begun = performance.now();
    loading.value = true;
    const run = view === "table" ? runTable : runChart;
    run(queries, range, abort.signal).then((found) => {
      outcome.value = { ...found, tookMs: performance.now() - begun };
      loading.value = false;
    }, () => undefined);  // aborted: another run is under way
    return () => abort.abort();
  }, [key, range.from, range.to, view, again.value]);
  useEffect(() => {
    if (!isLive(range) || queries.length === 0) return undefined;
    const timer = window.setInterval(() => {
      if (!document.hidden && !loading.peek()) again.value += 1;
    }, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [key, range.from, range.to]);
  return {
    outcome: outcome.value, loading: loading.value,
    reload: () => {
      again.value += 1;
    },
  };
}

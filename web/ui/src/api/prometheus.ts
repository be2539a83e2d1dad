// SPDX-License-Identifier: MIT
// The Prometheus routes this page uses, with numbers instead of strings and milliseconds instead
// of seconds.
import type { Labels } from "../lib/labels";
import { getJson } from "./http";
import { api } from "../state/database";

/** Times in ms, ascending, and a value for each. */
export interface Points {
  t: number[];
  v: number[];
}
export interface RangeSeries extends Points {
  labels: Labels;
}
export interface InstantSample {
  labels: Labels;
  t: number;
  v: number;
}
export interface InstantResult {
  type: "vector" | "matrix" | "scalar" | "string";
  vector: InstantSample[];
  matrix: RangeSeries[];
  text: string;
  warnings: string[];
}

type Pair = [number, string];
interface Answer {
  data: { resultType: InstantResult["type"]; result: unknown };
  warnings?: string[];
  infos?: string[];
}

export function parseValue(text: string): number {
  if (text === "+Inf" || text === "Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return Number(text);
}

function rangeSeries(raw: { metric: Labels; values?: Pair[] }): RangeSeries {
  const values = raw.values ?? [];
  const t = new Array<number>(values.length);
  const v = new Array<number>(values.length);
  values.forEach(([seconds, text], index) => {
    t[index] = seconds * 1e3;
    v[index] = parseValue(text);
  });
  return { labels: raw.metric, t, v };
}

function decode(answer: Answer): InstantResult {
  const { resultType, result } = answer.data;
  const into: InstantResult = {
    type: resultType, vector: [], matrix: [], text: "",
    warnings: [...(answer.warnings ?? []), ...(answer.infos ?? [])],
  };
  if (resultType === "vector") {
    const rows = result as Array<{ metric: Labels; value: Pair }>;
    into.vector = rows.map((row) => (
      { labels: row.metric, t: row.value[0] * 1e3, v: parseValue(row.value[1]) }));
  } else if (resultType === "matrix") {
    into.matrix = (result as Array<{ metric: Labels; values: Pair[] }>).map(rangeSeries);
  } else {
    const [seconds, text] = result as Pair;
    into.text = text;
    if (resultType === "scalar") into.vector = [{ labels: {}, t: seconds * 1e3, v: parseValue(text) }];
  }
  return into;
}

const seconds = (ms: number): string => (ms / 1e3).toFixed(3);

export async function instant(query: string, timeMs?: number, signal?: AbortSignal): Promise<InstantResult> {
  const params = { query, time: timeMs === undefined ? undefined : seconds(timeMs) };
  return decode(await getJson<Answer>(api("query"), params, signal));
}

export interface RangeRequest {
  query: string;
  fromMs: number;
  toMs: number;
  stepSeconds: number;
}

export async function queryRange(request: RangeRequest, signal?: AbortSignal): Promise<InstantResult> {
  const params = {
    query: request.query,
    start: seconds(request.fromMs),
    end: seconds(request.toMs),
    step: request.stepSeconds,
  };
  return decode(await getJson<Answer>(api("query_range"), params, signal));
}

export interface Metadata { type: string; help: string; unit: string }

export async function metadata(): Promise<Record<string, Metadata[]>> {
  return (await getJson<{ data: Record<string, Metadata[]> }>(api("metadata"))).data;
}

// SPDX-License-Identifier: MIT
// The server's own figures, asked for every two seconds while the page is shown.
import { signal } from "@preact/signals";

import { getJson, getText, messageOf } from "../api/http";
import { parseExposition, type Snapshot } from "./metrics";
import { api } from "../state/database";

const POLL_MS = 2000;
const SLOW_EVERY = 10;
const HISTORY = 150;

export interface TsdbStatus {
  headStats?: { numSeries?: number };
  seriesCountByMetricName?: Array<{ name: string; value: number }>;
  labelValueCountByLabelName?: Array<{ name: string; value: number }>;
}

export const history = signal<Snapshot[]>([]);
export const engineError = signal("");
export const build = signal<Record<string, string>>({});
export const runtime = signal<Record<string, unknown>>({});
export const tsdb = signal<TsdbStatus>({});
export const health = signal<{ status?: string; read_only?: boolean; reason?: string }>({});

async function optional<T>(path: string, use: (data: T) => void): Promise<void> {
  try {
    use((await getJson<{ data: T }>(path)).data);
  } catch {
    return;  // the rest of the page does without it
  }
}

async function askSlow(): Promise<void> {
  await Promise.all([
    optional<Record<string, string>>("api/v1/status/buildinfo", (data) => {
      build.value = data;
    }),
    optional<Record<string, unknown>>("api/v1/status/runtimeinfo", (data) => {
      runtime.value = data;
    }),
    optional<TsdbStatus>(api("status/tsdb"), (data) => {
      tsdb.value = data;
    }),
    getJson<{ status?: string }>("health").then((data) => {
      health.value = data;
    }, () => undefined),
  ]);
}

async function askMetrics(): Promise<void> {
  try {
    const families = parseExposition(await getText("metrics"));
    history.value = [...history.value, { t: Date.now(), families }].slice(-HISTORY);
    engineError.value = "";
  } catch (error) {
    engineError.value = messageOf(error);
  }
}

/** Keeps asking until the returned function is called. */
export function followEngine(): () => void {
  let timer = 0;
  let stopped = false;
  let round = 0;
  const step = async (): Promise<void> => {
    if (!document.hidden) {
      await Promise.all([askMetrics(), round % SLOW_EVERY === 0 ? askSlow() : undefined]);
      round += 1;
    }
    if (!stopped) timer = window.setTimeout(() => void step(), POLL_MS);
  };
  void step();
  return () => {
    stopped = true;
    window.clearTimeout(timer);
  };
}

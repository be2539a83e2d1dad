// SPDX-License-Identifier: MIT
// The chart's data: loaded when the address changes, grown by live samples while the range ends now.
import { signal, useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { isAbort, messageOf } from "../api/http";
import { Live, type LiveSample } from "../api/live";
import { selector } from "../lib/labels";
import { isLive, resolve, type Range } from "../lib/time";
import { applySamples, loadState, refresh } from "../state/series";
import { appendSample, loadChart, type ChartData } from "./data";

const RELOAD_MS = 5 * 60e3;
const MAX_POINTS = 20000;

export interface Chart {
  data: ChartData | null;
  loading: boolean;
  error: string;
  /** Changes when live samples were added to `data`. */
  grown: Signal<number>;
  reload: () => void;
}

const grown = signal(0);

function grow(data: ChartData, samples: LiveSample[]): boolean {
  let changed = false;
  for (const sample of samples) {
    const key = selector(sample.labels);
    const series = data.series.find((one) => one.key === key);
    if (series && appendSample(series, data.stepSeconds, sample.t, sample.v)) changed = true;
  }
  return changed;
}

export function useChart(selectors: string[], range: Range, paused: Signal<boolean>): Chart {
  const data = useSignal<ChartData | null>(null);
  const loading = useSignal(true);
  const error = useSignal("");
  const again = useSignal(0);
  const key = selectors.join("\u0001");
  const live = isLive(range);
  const latest = useRef<ChartData | null>(null);
  latest.current = data.value;

  useEffect(() => {
    if (loadState.peek().phase !== "ready") void refresh();
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    const span = resolve(range, Date.now());
    loading.value = true;
    loadChart(selectors, span, window.innerWidth, abort.signal).then(
      (loaded) => {
        data.value = loaded;
        error.value = "";
        loading.value = false;
      },
      (reason: unknown) => {
        if (isAbort(reason)) return;
        error.value = messageOf(reason);
        loading.value = false;
      },
    );
    return () => abort.abort();
  }, [key, range.from, range.to, again.value]);

  useEffect(() => {
    if (!live) return undefined;
    const take = (samples: LiveSample[]): void => {
      const present = latest.current;
      if (present && grow(present, samples)) grown.value += 1;
      const tooMany = present?.series.some((one) => one.mean.t.length > MAX_POINTS);
      if (tooMany && !paused.peek()) again.value += 1;
    };
    const stream = new Live({
      match: selectors,
      onSamples: (samples) => {
        applySamples(samples);
        take(samples);
      },
      onGap: () => {
        again.value += 1;
      },
    });
    const timer = window.setInterval(() => {
      if (!document.hidden && !paused.peek()) again.value += 1;
    }, RELOAD_MS);
    return () => {
      stream.stop();
      window.clearInterval(timer);
    };
  }, [key, live]);

  return {
    data: data.value, loading: loading.value, error: error.value, grown,
    reload: () => {
      again.value += 1;
    },
  };
}

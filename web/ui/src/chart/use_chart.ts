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

/** Follows the live stream of the selectors while the range ends now. */
function useLive(key: string, live: boolean, onSamples: (samples: LiveSample[]) => void, reload: () => void): void {
  const callbacks = useRef({ onSamples, reload });
  callbacks.current = { onSamples, reload };
  useEffect(() => {
    if (!live) return undefined;
    const stream = new Live({
      match: key.split("\u0001"),
      onSamples: (samples) => {
        applySamples(samples);
        callbacks.current.onSamples(samples);
      },
      onGap: () => callbacks.current.reload(),
    });
    const timer = window.setInterval(() => {
      if (!document.hidden) callbacks.current.reload();
    }, RELOAD_MS);
    return () => {
      stream.stop();
      window.clearInterval(timer);
    };
  }, [key, live]);
}

export function useChart(selectors: string[], range: Range, paused: Signal<boolean>): Chart {
  const data = useSignal<ChartData | null>(null);
  const loading = useSignal(true);
  const error = useSignal("");
  const again = useSignal(0);
  const key = selectors.join("\u0001");
  const reload = (): void => {
    again.value += 1;
  };

  useEffect(() => {
    if (loadState.peek().phase !== "ready") void refresh();
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    loading.value = true;
    loadChart(selectors, resolve(range, Date.now()), window.innerWidth, abort.signal).then(
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

  const take = (samples: LiveSample[]): void => {
    const present = data.peek();
    if (present && grow(present, samples)) grown.value += 1;
    if (present?.series.some((one) => one.mean.t.length > MAX_POINTS)) reloadUnlessPaused();
  };
  const reloadUnlessPaused = (): void => {
    if (!paused.peek()) reload();
  };
  useLive(key, isLive(range), take, reloadUnlessPaused);
  return { data: data.value, loading: loading.value, error: error.value, grown, reload };
}

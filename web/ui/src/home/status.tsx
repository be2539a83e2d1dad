// SPDX-License-Identifier: MIT
// One line that says whether data is flowing.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { liveState } from "../api/live";
import { count, plural, rate } from "../lib/format";
import { brokers, brokerText } from "../state/collector";
import { setParams } from "../state/router";
import { silentCount } from "../state/series";

const WINDOW_S = 5;
const perSecond = signal(0);
/** Live values received since the page was opened. */
export const samplesSeen = signal(0);

function useRate(): void {
  useEffect(() => {
    const history: number[] = [samplesSeen.peek()];
    const timer = window.setInterval(() => {
      history.push(samplesSeen.peek());
      if (history.length > WINDOW_S + 1) history.shift();
      const first = history[0] ?? 0;
      perSecond.value = (samplesSeen.peek() - first) / (history.length - 1);
    }, 1000);
    return () => window.clearInterval(timer);
  }, []);
}

const STATE_TEXT = {
  connecting: "connecting…",
  live: "live",
  polling: "polling every 2 s",
  hidden: "paused",
  offline: "server does not answer",
} as const;

export function LiveBadge(): JSX.Element {
  const state = liveState.value;
  return (
    <span class="live-badge" data-live={state} role="status">
      <i class="dot" />{STATE_TEXT[state]}
    </span>
  );
}

export function StatusStrip({ series, groups, onlySilent }: {
  series: number; groups: number; onlySilent: boolean;
}): JSX.Element {
  useRate();
  return (
    <div class="status-strip">
      <LiveBadge />
      <span><b>{count(series)}</b> series</span>
      <span>{plural(groups, "group")}</span>
      <span><b>{rate(perSecond.value)}</b> values/s</span>
      {(silentCount.value > 0 || onlySilent) && (
        <button class="chip" aria-pressed={onlySilent} title="Series without a current value"
          onClick={() => setParams({ silent: onlySilent ? null : "1" })}>
          <b>{count(silentCount.value)}</b> silent</button>)}
      {brokers.value.map((broker) => (
        <span key={broker.name} class="broker" data-up={broker.connected}>
          <i class="dot" />{brokerText(broker)}
        </span>
      ))}
    </div>
  );
}

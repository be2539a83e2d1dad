// SPDX-License-Identifier: MIT
// One event stream per visible tab. The browser allows six connections per server and each holds a
// thread there, so the stream closes when the tab is hidden; when the server has no room for
// another (503), the page polls instead.
import { signal } from "@preact/signals";

import type { Labels } from "../lib/labels";
import { address, getJson } from "./http";
import { api } from "../state/database";

export interface LiveSample {
  labels: Labels;
  /** The sample's own time, ms. */
  t: number;
  /** NaN = the series went stale. */
  v: number;
  /** The series' unit where the server says it with the sample. */
  unit?: string;
}
interface RawSample {
  labels: Labels;
  t: number;
  v: number | null;
  unit?: string;
}
export type LiveState = "connecting" | "live" | "polling" | "hidden" | "offline";

export const liveState = signal<LiveState>("connecting");

const POLL_MS = 2000;
const RETRY_STREAM_MS = 20000;

export interface LiveOptions {
  /** Selectors; empty = every series. */
  match: string[];
  onSamples: (samples: LiveSample[]) => void;
  /** Samples may have been missed: the stream was away or the server dropped events for us. */
  onGap: () => void;
}

function decode(raw: RawSample[]): LiveSample[] {
  return raw.map((sample) => ({ ...sample, v: sample.v ?? NaN }));
}

/** The newest sample of every series that matches, however old. */
export async function snapshot(match: string[]): Promise<LiveSample[]> {
  const answer = await getJson<{ data: { series: RawSample[] } }>(api("live/snapshot"), { "match[]": match });
  return decode(answer.data.series);
}

/** Keeps one stream for `options` until `stop`. */
export class Live {
  private source: EventSource | null = null;
  private pollTimer = 0;
  private retryTimer = 0;
  private stopped = false;
  private connectedBefore = false;
  private failures = 0;
  private readonly onVisibility = (): void => this.visibilityChanged();

  constructor(private readonly options: LiveOptions) {
    document.addEventListener("visibilitychange", this.onVisibility);
    window.addEventListener("pagehide", this.onVisibility);
    this.visibilityChanged();
  }

  stop(): void {
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.onVisibility);
    window.removeEventListener("pagehide", this.onVisibility);
    this.close();
  }

  private visibilityChanged(): void {
    if (document.hidden) {
      this.close();
      liveState.value = "hidden";
    } else if (!this.source && !this.stopped) {
      this.open();
    }
  }

  private close(): void {
    this.source?.close();
    this.source = null;
    window.clearTimeout(this.pollTimer);
    window.clearTimeout(this.retryTimer);
  }

  private open(): void {
    this.close();
    if (liveState.value !== "polling") liveState.value = "connecting";
    const source = new EventSource(address(api("live"), { "match[]": this.options.match }));
    this.source = source;
    source.onopen = () => this.opened();
    source.onmessage = (event: MessageEvent<string>) => this.received(event.data);
    source.addEventListener("lag", () => this.options.onGap());
    source.onerror = () => this.failed();
  }

  private opened(): void {
    window.clearTimeout(this.pollTimer);
    this.failures = 0;
    liveState.value = "live";
    if (this.connectedBefore) this.options.onGap();
    this.connectedBefore = true;
  }

  private received(data: string): void {
    const event = JSON.parse(data) as { series?: RawSample[] };
    if (event.series && event.series.length > 0) this.options.onSamples(decode(event.series));
  }

  // EventSource tells no status: a closed source was refused (503, 404), any other is reconnecting.
  private failed(): void {
    this.source?.close();
    this.source = null;
    if (this.stopped || document.hidden) return;
    this.failures += 1;
    window.clearTimeout(this.retryTimer);
    const wait = Math.min(RETRY_STREAM_MS, 1000 * 2 ** Math.min(this.failures, 6));
    this.retryTimer = window.setTimeout(() => this.open(), wait);
    window.clearTimeout(this.pollTimer);
    void this.poll();
  }

  private async poll(): Promise<void> {
    if (this.stopped || document.hidden || liveState.value === "live") return;
    try {
      this.options.onSamples(await snapshot(this.options.match));
      if (liveState.peek() !== "live") liveState.value = "polling";
    } catch {
      liveState.value = "offline";
    }
    window.clearTimeout(this.pollTimer);
    this.pollTimer = window.setTimeout(() => void this.poll(), POLL_MS);
  }
}

// SPDX-License-Identifier: MIT
// One series: what it is, its value now, how old that is, and its last hour.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { decimalsIn, exact, number } from "../lib/format";
import { age, DEFAULT_FROM } from "../lib/time";
import { now } from "../state/clock";
import { go, href, isPlainClick } from "../state/router";
import type { Series } from "../state/series";
import { Icon } from "../ui/icons";
import { Sparkline } from "./sparkline";

const OLD_MS = 5 * 60e3;

export interface Reading {
  text: string;
  unit: string;
}

export function readingOf(series: Series, value: number): Reading {
  if (Number.isNaN(value)) return { text: "–", unit: "" };
  const words = series.kind.words;
  if (words && !series.unit && (value === 0 || value === 1)) return { text: words[value], unit: "" };
  // At most one decimal more than the size calls for: 9.98 -> 10.0, 99.98 -> 100.0.
  const text = number(value, Math.min(series.decimals, Math.abs(value) >= 100 ? 1 : 3));
  series.decimals = Math.max(series.decimals, decimalsIn(text));
  return { text, unit: series.unit };
}

function Age({ series }: { series: Series }): JSX.Element {
  const text = useComputed(() => {
    const { t, stale } = series.latest.value;
    if (t === 0) return stale ? "no data" : "";
    return age(now.value - t);
  });
  return <span class="tile-age">{text}</span>;
}

function Value({ series }: { series: Series }): JSX.Element {
  const ref = useRef<HTMLDivElement>(null);
  const latest = series.latest.value;
  const reading = readingOf(series, latest.v);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    // Restarting the animation needs a new start; alternating two equal ones gives it.
    const element = ref.current;
    if (element) element.dataset["flash"] = element.dataset["flash"] === "a" ? "b" : "a";
  }, [latest.v]);
  return (
    <div class="tile-value" ref={ref} title={Number.isNaN(latest.v) ? "" : exact(latest.v)}>
      <span class={`tile-number${reading.text.length > 9 ? " long" : ""}`}>{reading.text}</span>
      {reading.unit && <span class="tile-unit">{reading.unit}</span>}
    </div>
  );
}

export interface TileProps {
  series: Series;
  /** The tile's title: the group already says the rest. */
  title: string;
  position: number;
  total: number;
}

export function Tile({ series, title, position, total }: TileProps): JSX.Element {
  const state = useComputed(() => {
    const { t, stale } = series.latest.value;
    return stale ? "stale" : t > 0 && now.value - t > OLD_MS ? "old" : "fresh";
  });
  const params = new URLSearchParams({ s: series.key, from: DEFAULT_FROM, to: "now" });
  const open = (event: MouseEvent): void => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    go("chart", params);
  };
  return (
    <div role="listitem" aria-posinset={position} aria-setsize={total}><a class="tile" href={href("chart", params)} onClick={open} data-state={state} data-key={series.key}
      style={`--series: var(--series-${series.kind.color})`}>
      <div class="tile-head">
        <Icon name={series.kind.icon} size={16} class="tile-icon" />
        <span class="tile-title" title={series.key}>{title}</span>
        <Age series={series} />
      </div>
      <Value series={series} />
      <Sparkline series={series} />
    </a></div>
  );
}

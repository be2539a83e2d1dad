// SPDX-License-Identifier: MIT
// The chart's series with their figures in the shown range.
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";

import { exact } from "../lib/format";
import { resolve, type Range } from "../lib/time";
import { setParams } from "../state/router";
import { Icon } from "../ui/icons";
import { statsOf, type ChartData } from "./data";
import type { PlotLine } from "./plot";
import { pointAt, valueText } from "./values";

export interface LegendProps {
  data: ChartData;
  lines: PlotLine[];
  hidden: Set<string>;
  cursor: Signal<number | null>;
  /** Changes when `data` has grown. */
  grown: Signal<number>;
  range: Range;
  selectors: string[];
}

function toggle(hidden: Set<string>, key: string): void {
  const next = new Set(hidden);
  if (!next.delete(key)) next.add(key);
  setParams({ hide: [...next] }, true);
}

function Row({ props, index }: { props: LegendProps; index: number }): JSX.Element | null {
  const { data, lines, hidden, cursor, grown, selectors, range } = props;
  void grown.value;
  const series = data.series[index];
  const line = lines[index];
  if (!series || !line) return null;
  const stats = statsOf(series, resolve(range, Date.now()));
  const at = cursor.value === null ? null : pointAt(series, cursor.value);
  const value = cursor.value === null ? stats.last : at?.mean ?? NaN;
  const removable = selectors.length > 1 && selectors.includes(series.key);
  const cell = (title: string, figure: number): JSX.Element => (
    <td data-title={title} title={Number.isFinite(figure) ? exact(figure) : ""}>{valueText(figure, line.unit)}</td>
  );
  return (
    <tr class={line.hidden ? "off" : ""}>
      <th scope="row">
        <button class="legend-name" aria-pressed={!line.hidden} title={series.key}
          onClick={() => toggle(hidden, series.key)}>
          <i class="swatch" style={`background: ${line.color}`} /><span>{line.label}</span>
        </button>
      </th>
      {cell(cursor.value === null ? "Last" : "At cursor", value)}
      {cell("Min", stats.count ? stats.min : NaN)}
      {cell("Mean", stats.mean)}
      {cell("Max", stats.count ? stats.max : NaN)}
      <td class="legend-remove">
        {removable && (
          <button class="icon-button" aria-label={`Remove ${line.label}`}
            onClick={() => setParams({ s: selectors.filter((one) => one !== series.key) })}>
            <Icon name="close" size={16} /></button>
        )}
      </td>
    </tr>
  );
}

export function Legend(props: LegendProps): JSX.Element {
  void props.cursor.value;
  return (
    <div class="legend-box">
      <table class="legend">
        <thead><tr>
          <th scope="col">Series</th><th scope="col">{props.cursor.value === null ? "Last" : "At cursor"}</th>
          <th scope="col">Min</th><th scope="col">Mean</th><th scope="col">Max</th><td />
        </tr></thead>
        <tbody>{props.data.series.map((series, index) => <Row key={series.key} props={props} index={index} />)}</tbody>
      </table>
    </div>
  );
}

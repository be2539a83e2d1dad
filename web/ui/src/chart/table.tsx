// SPDX-License-Identifier: MIT
// The chart's newest points as a table, for those who cannot or do not want to read a curve.
import type { JSX } from "preact";

import { exact } from "../lib/format";
import { dateTime } from "../lib/time";
import type { ChartData } from "./data";
import type { PlotLine } from "./plot";

const ROWS = 200;

export function DataTable({ data, lines }: { data: ChartData; lines: PlotLine[] }): JSX.Element {
  const cells = data.series.map(({ mean }) => new Map(mean.t.map((t, index) => [t, mean.v[index]])));
  const times = [...new Set(data.series.flatMap(({ mean }) => mean.t))].sort((a, b) => b - a);
  return (
    <div class="card table-box">
      <table class="data">
        <caption class="muted">{times.length > ROWS ? `The newest ${ROWS} of ${times.length} rows; CSV has all.` : `${times.length} rows`}</caption>
        <thead><tr><th scope="col">Time</th>{lines.map((line) => (
          <th scope="col" key={line.label}>{line.label}{line.unit ? ` (${line.unit})` : ""}</th>))}</tr></thead>
        <tbody>{times.slice(0, ROWS).map((t) => (
          <tr key={t}><th scope="row">{dateTime(t)}</th>
            {cells.map((one, index) => <td key={index}>{one.has(t) ? exact(one.get(t) ?? NaN) : ""}</td>)}</tr>
        ))}</tbody>
      </table>
    </div>
  );
}

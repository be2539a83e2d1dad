// SPDX-License-Identifier: MIT
import type { JSX } from "preact";

import { number } from "../lib/format";
import { clock, dateOf } from "../lib/time";
import type { ChartData } from "./data";
import type { PlotLine } from "./plot";
import { pointAt, valueText } from "./values";

export interface TooltipProps {
  data: ChartData;
  lines: PlotLine[];
  t: number;
  place: { left: number; top: number };
  width: number;
}

const MAX_ROWS = 12;

export function Tooltip({ data, lines, t, place, width }: TooltipProps): JSX.Element | null {
  const rows = data.series.flatMap((series, index) => {
    const line = lines[index];
    const point = line && !line.hidden ? pointAt(series, t) : null;
    return line && point ? [{ line, point }] : [];
  });
  const first = rows[0];
  const at = rows.length === 1 && first ? first.point.t : t;
  const onRight = place.left < width / 2;
  const style = `top: ${Math.max(8, place.top - 20)}px; `
    + (onRight ? `left: ${place.left + 16}px` : `right: ${width - place.left + 16}px`);
  return (
    <div class="tooltip" style={style}>
      <div class="tooltip-time">{dateOf(at)} {clock(at, data.stepSeconds === 0 && at % 1000 !== 0)}</div>
      {rows.length === 0 && <div class="muted">no data</div>}
      {rows.slice(0, MAX_ROWS).map(({ line, point }) => (
        <div class="tooltip-row" key={line.label}>
          <i class="swatch" style={`background: ${line.color}`} />
          {data.series.length > 1 && <span class="tooltip-name">{line.label}</span>}
          <b>{valueText(point.mean, line.unit)}</b>
          {point.low !== null && point.high !== null && point.low !== point.high && (
            <span class="muted">{number(point.low)} … {number(point.high)}</span>
          )}
        </div>
      ))}
      {rows.length > MAX_ROWS && <div class="muted">and {rows.length - MAX_ROWS} more</div>}
    </div>
  );
}

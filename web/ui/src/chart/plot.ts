// SPDX-License-Identifier: MIT
// uPlot with this page's colours, zoom, touch and keys. It knows time ranges, not where data
// comes from.
import uPlot from "uplot";

import { number } from "../lib/format";
import { clock, dateOf } from "../lib/time";
import type { Span } from "../lib/time";
import type { ChartData, Column } from "./data";
import { toColumns } from "./data";
import { bindKeys, bindTouch, bindWheel } from "./gestures";

export interface PlotLine {
  label: string;
  /** CSS colour. */
  color: string;
  unit: string;
  stepped: boolean;
  dashed: boolean;
  hidden: boolean;
}

export interface PlotEvents {
  /** A stretch was chosen: by dragging, pinching, or with keys. */
  onZoom: (span: Span) => void;
  onReset: () => void;
  /** The cursor stands at this time; null = it left. `index` is into the chart's points. */
  onCursor: (t: number | null, left: number, top: number) => void;
  /** The user holds the chart: new data must not move it. */
  onHold: (held: boolean) => void;
}

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function resolveColor(color: string): string {
  const variable = /^var\((--[\w-]+)\)$/.exec(color);
  return variable?.[1] ? css(variable[1]) : color;
}

function fade(color: string, alpha: number): string {
  return /^#[0-9a-f]{6}$/i.test(color) ? color + Math.round(alpha * 255).toString(16).padStart(2, "0") : color;
}

function axisTimes(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  let day = "";
  return splits.map((seconds) => {
    const ms = seconds * 1e3;
    const date = dateOf(ms);
    const time = step >= 86400 ? "" : step >= 60 ? clock(ms).slice(0, 5) : clock(ms, step < 1).slice(0, step < 1 ? 12 : 8);
    const withDate = date !== day && (step >= 86400 || day !== "" || time === "00:00");
    const isFirst = day === "";
    day = date;
    if (step >= 86400) return date.slice(5);
    return withDate && !isFirst ? `${time}\n${date.slice(5)}` : time;
  });
}

function linesOf(data: ChartData, lines: PlotLine[]): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  data.series.forEach((one, index) => {
    const line = lines[index];
    if (!line) return;
    const color = resolveColor(line.color);
    const paths = line.stepped ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.();
    const common = { show: !line.hidden, label: line.label, paths, points: { show: pointsFilter } };
    const single = data.series.length === 1 && !one.low;
    series.push({
      ...common, stroke: color, width: 1.6, dash: line.dashed ? [8, 4] : [],
      ...(single ? { fill: (plot: uPlot) => gradient(plot, color) } : {}),
    } as uPlot.Series);
    if (!one.low) return;
    const low = series.length;
    const edge = { ...common, stroke: fade(color, 0.35), width: 1, points: { show: false } };
    series.push({ ...edge } as uPlot.Series, { ...edge } as uPlot.Series);
    bands.push({ series: [low + 1, low], fill: fade(color, 0.16) });
  });
  return { series, bands };
}

// Marks lone points, which a line would not show, and every point when they are far apart.
function pointsFilter(plot: uPlot, index: number): boolean {
  const column = plot.data[index] as Column;
  const points = column.filter((value) => value !== null && value !== undefined).length;
  return points > 0 && points < plot.bbox.width / (12 * devicePixelRatio);
}

function gradient(plot: uPlot, color: string): CanvasGradient | string {
  const { top, height } = plot.bbox;
  if (!Number.isFinite(top) || !Number.isFinite(height)) return fade(color, 0.1);
  const fill = plot.ctx.createLinearGradient(0, top, 0, top + height);
  fill.addColorStop(0, fade(color, 0.22));
  fill.addColorStop(1, fade(color, 0.02));
  return fill;
}

function valueRange(_plot: uPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) {
    const room = Math.abs(low) * 0.05 || 1;
    return [low - room, high + room];
  }
  const room = (high - low) * 0.08;
  // A scale that starts near zero starts at zero.
  return [low >= 0 && low < (high - low) * 0.25 ? 0 : low - room, high + room];
}

function axes(units: Set<string>): uPlot.Axis[] {
  const common = {
    stroke: css("--plot-axis"),
    font: `12px ${css("--font")}`,
    grid: { stroke: css("--plot-grid"), width: 1 },
    ticks: { show: false },
  };
  const unit = units.size === 1 ? [...units][0] ?? "" : "";
  return [
    { ...common, values: axisTimes, space: 80, size: 44, grid: { show: false } },
    {
      ...common, space: 44, gap: 8, size: (plot, values) => {
        const longest = Math.max(0, ...(values ?? []).map((text) => text.length));
        plot.ctx.font = common.font;
        return Math.max(34, Math.ceil(longest * 7.2) + 14);
      },
      values: (_plot, splits) => splits.map((value) => number(value) + (unit && unit.length < 4 ? ` ${unit}` : "")),
    },
  ] as uPlot.Axis[];
}

export class Plot {
  private plot: uPlot;
  private columns: { times: number[]; columns: Column[] };
  private readonly unbind: Array<() => void> = [];

  constructor(
    private readonly root: HTMLElement, private data: ChartData, private readonly lines: PlotLine[],
    private readonly events: PlotEvents,
  ) {
    this.columns = toColumns(data);
    this.plot = new uPlot(this.options(), this.values(), root);
    const { over } = this.plot;
    this.unbind.push(
      bindTouch(this.plot, events), bindKeys(this.plot, root, events), bindWheel(this.plot, events));
    over.addEventListener("mouseleave", () => events.onCursor(null, 0, 0));
  }

  private values(): uPlot.AlignedData {
    return [this.columns.times, ...this.columns.columns] as uPlot.AlignedData;
  }

  private options(): uPlot.Options {
    const { series, bands } = linesOf(this.data, this.lines);
    const { fromMs, toMs } = this.data.span;
    return {
      width: this.root.clientWidth,
      height: this.root.clientHeight,
      series,
      bands,
      legend: { show: false },
      scales: { x: { time: true, min: fromMs / 1e3, max: toMs / 1e3, auto: false }, y: { range: valueRange } },
      axes: axes(new Set(this.lines.map((line) => line.unit))),
      padding: [12, 16, 0, 0],
      cursor: {
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { size: 8, width: 2 },
        bind: { dblclick: () => () => {
          this.events.onReset();
          return null;
        } },
      },
      hooks: {
        setSelect: [(plot) => this.selected(plot)],
        setCursor: [(plot) => this.cursorMoved(plot)],
      },
    } as uPlot.Options;
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const fromMs = plot.posToVal(left, "x") * 1e3;
    const toMs = plot.posToVal(left + width, "x") * 1e3;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (toMs - fromMs >= 200) this.events.onZoom({ fromMs, toMs });
  }

  private cursorMoved(plot: uPlot): void {
    const { left, top, idx } = plot.cursor;
    if (left === undefined || left < 0 || idx === null || idx === undefined) {
      this.events.onCursor(null, 0, 0);
      return;
    }
    const over = plot.over;
    this.events.onCursor(plot.posToVal(left, "x") * 1e3, left + over.offsetLeft, (top ?? 0) + over.offsetTop);
  }

  setSize(width: number, height: number): void {
    if (width > 0 && height > 0) this.plot.setSize({ width, height });
  }

  /** Shows the same series with more points, or another stretch of time. */
  update(data: ChartData): void {
    this.data = data;
    this.columns = toColumns(data);
    this.plot.batch(() => {
      this.plot.setData(this.values(), false);
      this.setSpan(data.span);
    });
  }

  setSpan(span: Span): void {
    this.plot.setScale("x", { min: span.fromMs / 1e3, max: span.toMs / 1e3 });
  }

  /** What the x axis shows now, for tests and the keyboard. */
  span(): Span {
    const { min, max } = this.plot.scales["x"] ?? {};
    return { fromMs: (min ?? 0) * 1e3, toMs: (max ?? 0) * 1e3 };
  }

  destroy(): void {
    this.unbind.forEach((undo) => undo());
    this.plot.destroy();
  }
}

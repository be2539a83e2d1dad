// SPDX-License-Identifier: MIT
// The chart's points as a file, exactly those that are drawn.
import type { ChartData } from "./data";

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** One row per time; a series without a point then has an empty cell. */
export function toCsv(data: ChartData): string {
  const columns = data.series.flatMap((series) => {
    const stepped: Array<[string, { t: number[]; v: number[] } | undefined]> = [
      ["", series.mean], [" min", series.low], [" max", series.high]];
    return stepped.flatMap(([suffix, points]) => (points ? [{ name: series.key + suffix, points }] : []));
  });
  const cells = columns.map(({ points }) => new Map(points.t.map((t, index) => [t, points.v[index]])));
  const times = [...new Set(columns.flatMap(({ points }) => points.t))].sort((a, b) => a - b);
  const head = ["time", ...columns.map(({ name }) => cell(name))].join(",");
  const rows = times.map((t) => [new Date(t).toISOString(), ...cells.map((one) => String(one.get(t) ?? ""))].join(","));
  return `${[head, ...rows].join("\n")}\n`;
}

export function downloadCsv(data: ChartData): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([toCsv(data)], { type: "text/csv" }));
  link.download = "cistern.csv";
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10e3);
}

// SPDX-License-Identifier: MIT
// Where a chart was before it was zoomed into, so that a double click leads back.
import { DEFAULT_FROM, isLive, type Range } from "../lib/time";

let first: Range | null = null;

/** Call before a zoom; the range before the first of a row of zooms is kept. */
export function rememberZoom(before: Range): void {
  if (first === null || isLive(before)) first = before;
}

/** The range to go back to. */
export function zoomOut(present: Range): Range {
  const back = first ?? { from: DEFAULT_FROM, to: "now" };
  first = null;
  if (back.from !== present.from || back.to !== present.to) return back;
  return { from: DEFAULT_FROM, to: "now" };
}

// SPDX-License-Identifier: MIT
// Fingers, wheel and keys on a chart. A vertical swipe always scrolls the page.
import type uPlot from "uplot";

import type { Span } from "../lib/time";
import type { PlotEvents } from "./plot";

function spanOf(plot: uPlot): Span {
  const { min, max } = plot.scales["x"] ?? {};
  return { fromMs: (min ?? 0) * 1e3, toMs: (max ?? 0) * 1e3 };
}

function show(plot: uPlot, span: Span): void {
  plot.setScale("x", { min: span.fromMs / 1e3, max: span.toMs / 1e3 });
}

/** The span scaled by `factor` around a place given as a fraction of its width. */
export function zoomed(span: Span, factor: number, at: number): Span {
  const width = span.toMs - span.fromMs;
  const centre = span.fromMs + width * at;
  const next = Math.max(200, width * factor);
  return { fromMs: centre - next * at, toMs: centre + next * (1 - at) };
}

export function shifted(span: Span, fraction: number): Span {
  const by = (span.toMs - span.fromMs) * fraction;
  return { fromMs: span.fromMs + by, toMs: span.toMs + by };
}

interface Pinch {
  start: Span;
  /** Times under the two fingers when they came down. */
  times: [number, number];
}

/** The span in which the two times lie at the two places (pixels of `width`). */
export function pinchSpan(times: [number, number], places: [number, number], width: number): Span | null {
  const apart = places[1] - places[0];
  const perPixel = (times[1] - times[0]) / apart;
  if (Math.abs(apart) < 12 || !(perPixel > 0)) return null;
  const fromMs = times[0] - places[0] * perPixel;
  return { fromMs, toMs: fromMs + width * perPixel };
}

export function bindTouch(plot: uPlot, events: PlotEvents): () => void {
  const { over } = plot;
  const fingers = new Map<number, number>();
  let pinch: Pinch | null = null;
  let lastTap = 0;
  let downX = 0;
  over.style.touchAction = "pan-y";
  const placeOf = (event: PointerEvent): number => event.clientX - over.getBoundingClientRect().left;
  const ordered = (): number[] => [...fingers.values()].sort((a, b) => a - b);
  const moveCursor = (event: PointerEvent): void => {
    const box = over.getBoundingClientRect();
    plot.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top });
  };
  const down = (event: PointerEvent): void => {
    if (event.pointerType === "mouse") return;
    fingers.set(event.pointerId, placeOf(event));
    downX = event.clientX;
    events.onHold(true);
    const [a, b] = ordered();
    if (a === undefined || b === undefined) return;
    pinch = { start: spanOf(plot), times: [plot.posToVal(a, "x") * 1e3, plot.posToVal(b, "x") * 1e3] };
  };
  const move = (event: PointerEvent): void => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, placeOf(event));
    const [a, b] = ordered();
    if (pinch && a !== undefined && b !== undefined) {
      const span = pinchSpan(pinch.times, [a, b], over.clientWidth);
      if (span) show(plot, span);
    } else if (Math.abs(event.clientX - downX) > 8) {
      moveCursor(event);
    }
  };
  const up = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    if (pinch && fingers.size < 2) {
      events.onZoom(spanOf(plot));
      pinch = null;
    } else if (event.type === "pointerup" && Math.abs(event.clientX - downX) < 8) {
      moveCursor(event);
      if (event.timeStamp - lastTap < 320) events.onReset();
      lastTap = event.timeStamp;
    }
    if (fingers.size === 0) events.onHold(false);
  };
  over.addEventListener("pointerdown", down);
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", up);
  return () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", up);
  };
}

/** Ctrl or cmd with the wheel zooms; the wheel alone scrolls the page. */
export function bindWheel(plot: uPlot, events: PlotEvents): () => void {
  let timer = 0;
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = plot.over.getBoundingClientRect();
    show(plot, zoomed(spanOf(plot), event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - box.left) / box.width));
    window.clearTimeout(timer);
    timer = window.setTimeout(() => events.onZoom(spanOf(plot)), 250);
  };
  plot.over.addEventListener("wheel", wheel, { passive: false });
  return () => window.clearTimeout(timer);
}

export function bindKeys(plot: uPlot, root: HTMLElement, events: PlotEvents): () => void {
  const moveCursor = (by: number): void => {
    const times = plot.data[0];
    const from = plot.cursor.idx ?? (by > 0 ? -1 : times.length);
    const time = times[Math.min(times.length - 1, Math.max(0, from + by))];
    if (time === undefined) return;
    const left = plot.valToPos(time, "x");
    if (left >= 0 && left <= plot.over.clientWidth) plot.setCursor({ left, top: plot.over.clientHeight / 2 });
  };
  const actions: Record<string, () => void> = {
    ArrowLeft: () => moveCursor(-1),
    ArrowRight: () => moveCursor(1),
    "Shift+ArrowLeft": () => events.onZoom(shifted(spanOf(plot), -0.5)),
    "Shift+ArrowRight": () => events.onZoom(shifted(spanOf(plot), 0.5)),
    "+": () => events.onZoom(zoomed(spanOf(plot), 0.5, 0.5)),
    "=": () => events.onZoom(zoomed(spanOf(plot), 0.5, 0.5)),
    "-": () => events.onZoom(zoomed(spanOf(plot), 2, 0.5)),
    "0": () => events.onReset(),
  };
  const press = (event: KeyboardEvent): void => {
    const arrow = event.key.startsWith("Arrow");
    const action = actions[(event.shiftKey && arrow ? "Shift+" : "") + event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  root.addEventListener("keydown", press);
  return () => root.removeEventListener("keydown", press);
}

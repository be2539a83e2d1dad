// SPDX-License-Identifier: MIT
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

import { dateTime, describeRange, parseTime, PRESETS, resolve, toInput, type Range } from "../lib/time";
import { Icon } from "../ui/icons";

export interface RangePickerProps {
  range: Range;
  onChange: (range: Range) => void;
  onZoomOut: () => void;
}

function CustomForm({ range, onChange, onClose }: {
  range: Range; onChange: (range: Range) => void; onClose: () => void;
}): JSX.Element {
  const span = resolve(range, Date.now());
  const [from, setFrom] = useState(range.from.startsWith("now") ? range.from : toInput(span.fromMs));
  const [to, setTo] = useState(range.to.startsWith("now") ? range.to : toInput(span.toMs));
  const [problem, setProblem] = useState("");
  const read = (text: string): string | null => {
    if (parseTime(text.trim(), Date.now()) !== null) return text.trim();
    const ms = new Date(text.trim().replace(" ", "T")).getTime();
    return Number.isFinite(ms) ? String(ms) : null;
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const start = read(from);
    const end = read(to);
    const now = Date.now();
    if (start === null || end === null) {
      setProblem(`${start === null ? "From" : "To"} is neither a date like 2026-05-31 14:00 nor a time like now-6h`);
    } else if ((parseTime(start, now) ?? 0) >= (parseTime(end, now) ?? 0)) {
      setProblem("From must be before To");
    } else {
      onChange({ from: start, to: end });
      onClose();
    }
  };
  const field = (label: string, value: string, set: (text: string) => void): JSX.Element => (
    <label class="field"><span>{label}</span>
      <input class="input" value={value} onInput={(event) => set(event.currentTarget.value)}
        placeholder="2026-05-31 14:00 or now-6h" spellcheck={false} />
    </label>
  );
  return (
    <form class="form" onSubmit={submit}>
      {field("From", from, setFrom)}
      {field("To", to, setTo)}
      <p class="muted">Dates are in this device's time zone.</p>
      {problem && <p class="crit" role="alert">{problem}</p>}
      <button class="button primary" type="submit">Show</button>
    </form>
  );
}

export function RangePicker({ range, onChange, onZoomOut }: RangePickerProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const preset = range.to === "now" ? PRESETS.find((one) => one.from === range.from) : undefined;
  const span = resolve(range, Date.now());
  const show = (): void => {
    setOpen(true);
    dialog.current?.showModal();
  };
  return (
    <div class="range" role="group" aria-label="Time range">
      <div class="segments">
        {PRESETS.map((one) => (
          <button key={one.from} aria-pressed={one === preset} title={one.title}
            onClick={() => onChange({ from: one.from, to: "now" })}>{one.label}</button>
        ))}
        <button class="custom" aria-pressed={!preset} onClick={show}
          title={preset ? "Choose a range" : describeRange(range, Date.now())}>
          <Icon name="calendar" size={16} />
          <span>{preset ? "Custom" : `${dateTime(span.fromMs).slice(5, 16)} – ${range.to === "now" ? "now" : dateTime(span.toMs).slice(5, 16)}`}</span>
        </button>
      </div>
      {!preset && (
        <button class="icon-button" id="zoom-out" onClick={onZoomOut} aria-label="Zoom out" title="Zoom out (double click)">
          <Icon name="zoomout" /></button>
      )}
      <dialog class="dialog" ref={dialog} onClose={() => setOpen(false)} aria-label="Time range">
        <header><h2>Time range</h2>
          <button class="icon-button" onClick={() => dialog.current?.close()} aria-label="Close"><Icon name="close" /></button>
        </header>
        {open && <CustomForm range={range} onChange={onChange} onClose={() => dialog.current?.close()} />}
      </dialog>
    </div>
  );
}

// SPDX-License-Identifier: MIT
// "What did you do with this message?": the decision, its steps and its samples.
import type { JSX } from "preact";

import { exact } from "../lib/format";
import { selector } from "../lib/labels";
import { DEFAULT_FROM } from "../lib/time";
import { go, href, isPlainClick } from "../state/router";
import { findSeries } from "../state/series";
import type { Explained, ExplainedSample } from "./api";

// Sentences for the collector's reasons; any other is shown as it is.
const REASONS: Record<string, string> = {
  oversize: "the payload is larger than allowed",
  binary_undecoded: "binary, and no rule names a decoder",
  decode_error: "could not be decoded",
  too_deep: "nested too deeply",
  too_many_fields: "too many fields in one message",
  unmatched: "no rule matches the topic",
  ignored: "an ignore rule says so",
  random_topic: "the topic looks random; it would make a new series each time",
  metadata: "tells about devices; used for units and names",
  absent: "has no value",
  not_finite: "is not a finite number",
  unmapped: "is text that stands for no number",
  sentinel: "is the device's way to say \"no value\"",
  unchanged: "the same value as before, and the rule stores changes",
  filtered: "excluded by the rule",
  too_old: "older than what is stored",
  series_limit: "the limit of series is reached",
  missing_label: "a label of the rule is missing in the message",
  missing_field: "a field of the rule is missing in the message",
};

export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason.replace(/_/g, " ");
}

export function ruleText(rule: string): string {
  if (!rule) return "no rule";
  if (rule === "generic") return "generic mapping";
  if (rule === "ha_discovery") return "Home Assistant discovery";
  if (rule.startsWith("preset:")) return `preset ${rule.slice(7)}`;
  return `rule ${rule}`;
}

function SampleRow({ sample }: { sample: ExplainedSample }): JSX.Element {
  const labels = { ...sample.labels, __name__: sample.metric };
  const key = selector(labels);
  const params = new URLSearchParams({ s: key, from: DEFAULT_FROM, to: "now" });
  return (
    <tr>
      <td><a href={href("chart", params)} title={findSeries(key) ? "Show its chart" : key} onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        go("chart", params);
      }}>{sample.metric}</a></td>
      <td class="labels">{Object.entries(sample.labels ?? {}).map(([name, value]) => (
        <span class="label" key={name}><i>{name}</i>{value}</span>))}</td>
      <td class="value">{exact(sample.value)}{sample.unit ? ` ${sample.unit}` : ""}</td>
    </tr>
  );
}

export function Verdict({ samples, rule, reason }: { samples: number; rule: string; reason: string }): JSX.Element {
  return (
    <p class="verdict">
      {samples > 0
        ? <><b class="ok">Stored</b> {samples === 1 ? "one sample" : `${samples} samples`}</>
        : <b class="warn">Nothing stored</b>}
      {" "}by <b>{ruleText(rule)}</b>{samples === 0 && reason ? ` (${reasonText(reason)})` : ""}
    </p>
  );
}

export function SampleTable({ samples }: { samples: ExplainedSample[] }): JSX.Element {
  return (
    <div class="scroll-x"><table class="samples">
      <thead><tr><th>Metric</th><th>Labels</th><th class="value">Value</th></tr></thead>
      <tbody>{samples.map((sample, index) => <SampleRow key={index} sample={sample} />)}</tbody>
    </table></div>
  );
}

export function ExplainedView({ result }: { result: Explained }): JSX.Element {
  const samples = result.samples ?? [];
  const texts = result.text ?? [];
  const dropped = result.dropped ?? [];
  return (
    <div class="explained">
      {samples.length > 0 && <SampleTable samples={samples} />}
      {texts.length > 0 && (
        <ul class="notes">{texts.map((text, index) => (
          <li key={index}>text <b>{text.metric}</b> = “{text.value}” (kept as last value)</li>))}</ul>
      )}
      {dropped.length > 0 && (
        <ul class="notes">{dropped.map((drop, index) => (
          <li key={index}><b>{drop.field || "the message"}</b>: {reasonText(drop.reason)}</li>))}</ul>
      )}
      {result.steps && result.steps.length > 0 && (
        <details><summary>How it was decided</summary>
          <ol class="steps">{result.steps.map((step, index) => <li key={index}>{step}</li>)}</ol></details>
      )}
    </div>
  );
}

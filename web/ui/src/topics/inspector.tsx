// SPDX-License-Identifier: MIT
// One topic: its last message and what became of it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { isAbort, messageOf } from "../api/http";
import { bytes, count, rate } from "../lib/format";
import { age, dateTime } from "../lib/time";
import { now } from "../state/clock";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icons";
import { explain, fetchStored, type Explained, type ExplainedSample, type Message, type Topic } from "./api";
import { ExplainedView, ruleText, SampleTable, Verdict } from "./explained";
import { showPayload } from "./payload";

const PAUSE_MS = 300;

function useExplained(message: Message): { result: Explained | null; error: string } {
  const result = useSignal<Explained | null>(null);
  const error = useSignal("");
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      explain(message, abort.signal).then(
        (answer) => {
          result.value = answer;
          error.value = "";
        },
        (reason: unknown) => {
          if (!isAbort(reason)) error.value = messageOf(reason);
        });
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [message.topic, message.payload, message.payload_b64, message.retain]);
  return { result: result.value, error: error.value };
}

function Facts({ topic }: { topic: Topic }): JSX.Element {
  return (
    <dl class="facts">
      <div><dt>Messages</dt><dd>{count(topic.messages)}</dd></div>
      <div><dt>Rate</dt><dd>{topic.rate > 0 ? `${rate(topic.rate)}/s` : "–"}</dd></div>
      <div><dt>Last</dt><dd title={dateTime(topic.last_ms)}>{age(now.value - topic.last_ms)}</dd></div>
      <div><dt>QoS</dt><dd>{topic.qos}</dd></div>
      <div><dt>Retained</dt><dd>{topic.retained ? "yes" : "no"}</dd></div>
      <div><dt>Size</dt><dd>{bytes(topic.payload_bytes)}</dd></div>
    </dl>
  );
}

function Explanation({ message, decidedBy }: { message: Message; decidedBy?: string }): JSX.Element {
  const { result, error } = useExplained(message);
  if (error) return <p class="crit" role="alert">{error}</p>;
  if (!result) return <p class="muted">…</p>;
  const other = decidedBy !== undefined && (result.rule ?? "") !== decidedBy;
  return (
    <>
      {other && (
        <p class="muted">Details of a dry run, which does not know what the collector learned from earlier
          messages (discovery, Sparkplug births) and so takes {ruleText(result.rule ?? "")}:</p>)}
      {decidedBy === undefined && (
        <Verdict samples={result.samples?.length ?? 0} rule={result.rule ?? ""} reason="" />)}
      <ExplainedView result={result} />
    </>
  );
}

function messageOfTopic(topic: Topic): Message {
  return {
    topic: topic.topic, retain: topic.retained,
    ...(topic.payload !== undefined ? { payload: topic.payload } : {}),
    ...(topic.payload_b64 !== undefined ? { payload_b64: topic.payload_b64 } : {}),
  };
}

/** The samples of the topic's last message, asked for again with each message. */
function useStored(topic: Topic): ExplainedSample[] | null {
  const stored = useSignal<ExplainedSample[] | null>(null);
  useEffect(() => {
    stored.value = null;
  }, [topic.topic, topic.broker]);
  useEffect(() => {
    if (topic.samples === 0) return undefined;
    const abort = new AbortController();
    fetchStored(topic, abort.signal).then((samples) => {
      stored.value = samples;
    }, () => undefined);  // the dry run is shown instead
    return () => abort.abort();
  }, [topic.topic, topic.broker, topic.messages]);
  return topic.samples > 0 ? stored.value : null;
}

/** The collector's own word on the last message; where it gives no details, those of a dry run. */
function WhatHappened({ topic }: { topic: Topic }): JSX.Element {
  const stored = useStored(topic);
  return (
    <>
      <Verdict samples={topic.samples} rule={topic.rule} reason={topic.truncated || stored ? topic.dropped : ""} />
      {stored ? <SampleTable samples={stored} /> : topic.truncated
        ? <p class="muted">Only the beginning of the payload is kept here; try the whole one to see each field.</p>
        : <Explanation message={messageOfTopic(topic)} decidedBy={topic.rule} />}
    </>
  );
}

function TryIt({ topic, payload }: { topic: Topic; payload: string }): JSX.Element {
  const [text, setText] = useState(payload);
  return (
    <div class="try">
      <textarea class="input code" rows={6} value={text} spellcheck={false} aria-label="Payload to try"
        onInput={(event) => setText(event.currentTarget.value)} />
      <p class="muted">A dry run: nothing is stored.</p>
      <Explanation message={{ topic: topic.topic, payload: text, retain: topic.retained }} />
    </div>
  );
}

export function Inspector({ topic, onClose }: { topic: Topic; onClose: () => void }): JSX.Element {
  const shown = showPayload(topic);
  const [trying, setTrying] = useState(false);
  useEffect(() => setTrying(false), [topic.topic]);
  return (
    <aside class="card inspector" aria-label={`Topic ${topic.topic}`}>
      <header>
        <h2>{topic.topic}</h2>
        <button class="icon-button" onClick={() => copyText(topic.topic)} aria-label="Copy the topic" title="Copy the topic">
          <Icon name="copy" size={18} /></button>
        <button class="icon-button inspector-close" onClick={onClose} aria-label="Close"><Icon name="close" size={18} /></button>
      </header>
      <Facts topic={topic} />
      <h3>Last payload <span class="muted">{shown.kind}{topic.truncated ? ", only its beginning" : ""}</span></h3>
      <pre class="payload">{shown.kind === "empty" ? "(empty)" : shown.text}</pre>
      <h3>What was done with it
        {topic.payload !== undefined && (
          <button class="button small" aria-pressed={trying} onClick={() => setTrying(!trying)}>Try another payload</button>)}
      </h3>
      {trying ? <TryIt topic={topic} payload={topic.payload ?? ""} /> : <WhatHappened topic={topic} />}
    </aside>
  );
}

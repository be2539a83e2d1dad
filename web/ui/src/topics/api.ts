// SPDX-License-Identifier: MIT
// What the collector has heard, topic by topic, and what it makes of a message.
import { getJson } from "../api/http";
import type { Labels } from "../lib/labels";

export interface Topic {
  topic: string;
  broker: string;
  messages: number;
  /** Messages per second, as the server counts. */
  rate: number;
  last_ms: number;
  retained: boolean;
  qos: number;
  payload_bytes: number;
  /** The last payload, or its beginning. */
  payload?: string;
  /** The same when it is not text. */
  payload_b64?: string;
  truncated: boolean;
  /** What decided: a rule's name, "preset:<family>", "generic", "ignore"; empty = nothing did. */
  rule: string;
  /** Samples that the last message gave. */
  samples: number;
  /** Why the last message, or a part of it, was not stored; empty when it was. */
  dropped: string;
}

export interface TopicsAnswer {
  topics: Topic[];
  /** All topics the server remembers, also those it did not send. */
  total: number;
  now_ms: number;
}

type Raw = Record<string, unknown>;

function text(raw: Raw, key: string): string {
  const value = raw[key];
  return typeof value === "string" ? value : "";
}

function numeric(raw: Raw, key: string): number {
  const value = raw[key];
  return typeof value === "number" ? value : 0;
}

function firstReason(raw: Raw): string {
  const value = raw["dropped"];
  if (typeof value === "string") return value;
  const first = Array.isArray(value) ? (value[0] as Raw | undefined) : undefined;
  return first ? text(first, "reason") : "";
}

function decode(raw: Raw): Topic {
  const samples = raw["samples"];
  return {
    topic: text(raw, "topic"),
    broker: text(raw, "broker"),
    messages: numeric(raw, "messages"),
    rate: numeric(raw, "rate"),
    last_ms: numeric(raw, "last_ms"),
    retained: raw["retained"] === true,
    qos: numeric(raw, "qos"),
    payload_bytes: numeric(raw, "payload_bytes"),
    ...(typeof raw["payload"] === "string" ? { payload: raw["payload"] } : {}),
    ...(typeof raw["payload_b64"] === "string" ? { payload_b64: raw["payload_b64"] } : {}),
    truncated: raw["truncated"] === true,
    rule: text(raw, "rule"),
    samples: Array.isArray(samples) ? samples.length : numeric(raw, "samples"),
    dropped: firstReason(raw),
  };
}

/** Topics with a message at or after `sinceMs`; 0 = all. */
export async function fetchTopics(sinceMs: number, signal?: AbortSignal): Promise<TopicsAnswer> {
  const params = { since_ms: sinceMs > 0 ? sinceMs : undefined };
  const body = await getJson<Raw>("api/v1/topics", params, signal);
  const data = (body["data"] ?? body) as Raw;
  const list = (Array.isArray(data) ? data : data["topics"] ?? []) as Raw[];
  return {
    topics: list.map(decode),
    total: numeric(data, "total") || list.length,
    now_ms: numeric(data, "now_ms") || Date.now(),
  };
}

/** What the last message of a topic really gave, with labels; null when the server does not tell. */
export async function fetchStored(topic: Topic, signal: AbortSignal): Promise<ExplainedSample[] | null> {
  const params = { search: topic.topic, labels: "true", limit: 200 };
  const body = await getJson<{ data: { topics: Raw[] } }>("api/v1/topics", params, signal);
  const found = body.data.topics.find((one) => one["topic"] === topic.topic && one["broker"] === topic.broker);
  const samples = (found?.["samples"] ?? []) as ExplainedSample[];
  return Array.isArray(samples) && samples.every((sample) => typeof sample.metric === "string") ? samples : null;
}

export interface ExplainedSample {
  db?: string;
  metric: string;
  labels?: Labels;
  value: number;
  ts_ms?: number;
  unit?: string;
  type?: string;
}
export interface Explained {
  topic: string;
  rule?: string;
  steps?: string[];
  samples?: ExplainedSample[];
  text?: Array<{ metric: string; labels?: Labels; value: string }>;
  stale?: Array<{ metric?: string; labels?: Labels }>;
  dropped?: Array<{ reason: string; field?: string }>;
}

export interface Message {
  topic: string;
  payload?: string;
  payload_b64?: string;
  retain: boolean;
}

/** Dry run: stores nothing. */
export async function explain(message: Message, signal?: AbortSignal): Promise<Explained> {
  const params = {
    topic: message.topic,
    payload: message.payload,
    payload_b64: message.payload === undefined ? message.payload_b64 : undefined,
    retain: message.retain ? "true" : undefined,
  };
  const body = await getJson<Raw>("api/v1/explain", params, signal);
  return (body["data"] ?? body) as unknown as Explained;
}

// SPDX-License-Identifier: MIT
// What the collector says about its brokers and about the messages it could not store.
import { signal } from "@preact/signals";

import { getJson } from "../api/http";

export interface Broker {
  name: string;
  url: string;
  connected: boolean;
  error: string;
  messages: number;
  since_ms: number;
}

export const brokers = signal<Broker[]>([]);
/** Messages that each rule, preset or mapping has decided. */
export const ruleMessages = signal<Array<[string, number]>>([]);

type Raw = Record<string, unknown>;

function text(raw: Raw, ...keys: string[]): string {
  for (const key of keys) if (typeof raw[key] === "string") return raw[key] as string;
  return "";
}

function numeric(raw: Raw, ...keys: string[]): number {
  for (const key of keys) if (typeof raw[key] === "number") return raw[key] as number;
  return 0;
}

function decode(raw: Raw): Broker {
  return {
    name: text(raw, "name", "broker"),
    url: text(raw, "url", "uri", "address"),
    connected: raw["connected"] === true || raw["state"] === "connected",
    error: text(raw, "error", "last_error"),
    messages: numeric(raw, "messages", "messages_received"),
    since_ms: numeric(raw, "since_ms", "connected_since_ms"),
  };
}

export async function refreshCollector(): Promise<void> {
  try {
    const body = await getJson<Raw>("api/v1/collector/status");
    const data = (body["data"] ?? body) as Raw;
    const list = (data["brokers"] ?? []) as Raw[];
    const rules = (data["rules"] ?? []) as Raw[];
    brokers.value = list.map(decode);
    ruleMessages.value = rules
      .map((rule): [string, number] => [text(rule, "rule"), numeric(rule, "messages")])
      .sort((a, b) => b[1] - a[1]);
  } catch {
    return;  // asked again soon; the live badge says when the server is away
  }
}

export function brokerText(broker: Broker): string {
  const where = broker.url.replace(/^[a-z]+:\/\//, "") || broker.name;
  return broker.connected ? where : `${where}: ${broker.error || "not connected"}`;
}

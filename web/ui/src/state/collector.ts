// SPDX-License-Identifier: MIT
// What the collector says about its brokers and about the messages it could not store.
import { signal } from "@preact/signals";

import { ApiError, getJson, isAbort } from "../api/http";

export interface Broker {
  name: string;
  url: string;
  connected: boolean;
  error: string;
  messages: number;
  since_ms: number;
}

export const brokers = signal<Broker[]>([]);
export const collectorKnown = signal(false);

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
    brokers.value = list.map(decode);
    collectorKnown.value = true;
  } catch (error) {
    if (!isAbort(error) && error instanceof ApiError && error.status === 404) collectorKnown.value = false;
  }
}

export function brokerText(broker: Broker): string {
  const where = broker.url.replace(/^[a-z]+:\/\//, "") || broker.name;
  return broker.connected ? where : `${where}: ${broker.error || "not connected"}`;
}

// SPDX-License-Identifier: MIT
// A payload as people can read it.
import type { Topic } from "./api";

export interface Shown {
  kind: "JSON" | "text" | "binary" | "empty";
  text: string;
}

const MAX_PRETTY = 64 * 1024;

/** Offset, hex digits and characters of up to 1 KiB. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, 1024); at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const characters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${characters}`);
  }
  return lines.join("\n");
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function showPayload(topic: Pick<Topic, "payload" | "payload_b64">): Shown {
  if (topic.payload === undefined) {
    if (!topic.payload_b64) return { kind: "empty", text: "" };
    return { kind: "binary", text: hexDump(fromBase64(topic.payload_b64)) };
  }
  if (topic.payload === "") return { kind: "empty", text: "" };
  if (/^\s*[[{]/.test(topic.payload) && topic.payload.length < MAX_PRETTY) {
    try {
      return { kind: "JSON", text: JSON.stringify(JSON.parse(topic.payload), null, 2) };
    } catch {
      return { kind: "text", text: topic.payload };
    }
  }
  return { kind: "text", text: topic.payload };
}

/** One line for the tree. */
export function preview(topic: Topic): string {
  if (topic.payload === undefined) return topic.payload_b64 ? `${topic.payload_bytes} bytes, binary` : "";
  return topic.payload.slice(0, 160).replace(/\s+/g, " ");
}

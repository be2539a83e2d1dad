// SPDX-License-Identifier: MIT
// Series that this browser shows first on Home.
import { signal } from "@preact/signals";

import { currentDatabase } from "./router";

function storageKey(): string {
  return `cistern.pins.${currentDatabase() || "main"}`;
}

function stored(): string[] {
  try {
    const list: unknown = JSON.parse(window.localStorage.getItem(storageKey()) ?? "[]");
    return Array.isArray(list) ? list.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];  // storage is forbidden or was edited: start without pins
  }
}

/** Keys of the pinned series, in the order they were pinned. */
export const pins = signal<string[]>(stored());

export function isPinned(key: string): boolean {
  return pins.value.includes(key);
}

export function togglePin(key: string): void {
  pins.value = isPinned(key) ? pins.value.filter((one) => one !== key) : [...pins.value, key];
  try {
    window.localStorage.setItem(storageKey(), JSON.stringify(pins.value));
  } catch {
    return;  // the pins last as long as the page
  }
}

// SPDX-License-Identifier: MIT
// Light, dark, or as the system says.
import { computed, effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const KEY = "cistern.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => {
  systemDark.value = system.matches;
});

function stored(): Theme {
  try {
    const text = window.localStorage.getItem(KEY);
    return text === "light" || text === "dark" ? text : "auto";
  } catch {
    return "auto";  // storage is forbidden: the choice lasts as long as the page
  }
}

export const theme = signal<Theme>(stored());
export const isDark = computed(() => theme.value === "dark" || (theme.value === "auto" && systemDark.value));

effect(() => {
  document.documentElement.dataset["theme"] = isDark.value ? "dark" : "light";
});

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    window.localStorage.setItem(KEY, next);
  } catch {
    return;
  }
}

export function nextTheme(): void {
  const order: Theme[] = ["auto", "light", "dark"];
  setTheme(order[(order.indexOf(theme.value) + 1) % order.length] ?? "auto");
}

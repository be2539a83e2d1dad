// SPDX-License-Identifier: MIT
// The time, once a second while the page is visible: ages and moving windows depend on it.
import { signal } from "@preact/signals";

export const now = signal(Date.now());

window.setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.value = Date.now();
});

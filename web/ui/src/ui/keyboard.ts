// SPDX-License-Identifier: MIT
// Shortcuts of one key or of two in sequence ("g h"); none while the user types.

export type Shortcuts = Record<string, () => void>;
const SEQUENCE_MS = 1200;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement
    && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function onShortcut(shortcuts: Shortcuts): () => void {
  let prefix = "";
  let since = 0;
  const listener = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.timeStamp - since > SEQUENCE_MS) prefix = "";
    const action = shortcuts[prefix + event.key];
    const opensSequence = Object.keys(shortcuts).some((keys) => keys.startsWith(`${event.key} `));
    prefix = !action && opensSequence ? `${event.key} ` : "";
    since = event.timeStamp;
    if (!action) return;
    event.preventDefault();
    action();
  };
  window.addEventListener("keydown", listener);
  return () => window.removeEventListener("keydown", listener);
}

// SPDX-License-Identifier: MIT
// A line of text with a copy button. The clipboard API exists only on HTTPS; the old command works
// on plain HTTP too.
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Icon } from "./icons";

export function copyText(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function CopyLine({ text }: { text: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    setCopied(copyText(text));
    window.setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="copy-line">
      <code>{text}</code>
      <button class="icon-button" onClick={copy} aria-label="Copy">
        {copied ? "copied" : <Icon name="copy" size={18} />}
      </button>
    </div>
  );
}

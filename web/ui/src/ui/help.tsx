// SPDX-License-Identifier: MIT
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "./icons";

const KEYS: Array<[string, string]> = [
  ["/", "Search"],
  ["g h", "Home"],
  ["g t", "Topics"],
  ["g e", "Explore"],
  ["g o", "Engine"],
  ["t z", "Chart: zoom out"],
  ["l", "Chart: live or paused"],
  ["← →", "Chart: move the cursor"],
  ["Shift ← →", "Chart: earlier, later"],
  ["+ −", "Chart: zoom at the cursor"],
  ["0", "Chart: back to the first range"],
  ["Esc", "Back, close"],
];

export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog class="dialog" ref={ref} onClose={onClose} aria-label="Keyboard shortcuts"
      onClick={(event) => event.target === ref.current && ref.current?.close()}>
      <header><h2>Keyboard</h2>
        <button class="icon-button" onClick={() => ref.current?.close()} aria-label="Close"><Icon name="close" /></button>
      </header>
      <dl class="keys">{KEYS.map(([keys, text]) => (
        <div key={keys}><dt>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{text}</dd></div>))}
      </dl>
    </dialog>
  );
}

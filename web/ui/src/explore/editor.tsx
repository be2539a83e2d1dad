// SPDX-License-Identifier: MIT
// One PromQL expression with completion. Enter runs it, Shift+Enter starts a line.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { applyItem, complete, type Completion, type Item } from "./complete";
import { vocabulary } from "./vocabulary";

export interface EditorProps {
  id: string;
  value: string;
  onRun: (text: string) => void;
}

const KIND_MARK: Record<Item["kind"], string> = {
  metric: "m", function: "ƒ", aggregator: "Σ", keyword: "k", label: "l", value: "v",
};

function Suggestions(props: {
  id: string; completion: Completion; active: number; onPick: (item: Item) => void;
}): JSX.Element {
  const { id, completion, active, onPick } = props;
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <ul class="suggestions" role="listbox" id={`${id}-list`} ref={list}>
      {completion.items.map((item, index) => (
        <li key={item.kind + item.text} id={`${id}-${index}`} role="option" aria-selected={index === active}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(item);
          }}>
          <i data-kind={item.kind}>{KIND_MARK[item.kind]}</i>{item.text}<span class="muted">{item.kind}</span>
        </li>
      ))}
    </ul>
  );
}

interface Typing {
  text: string;
  completion: Completion | null;
  active: number;
  setText: (text: string) => void;
  /** Offers what may stand at the cursor. */
  offer: () => void;
  pick: (item: Item) => void;
  close: () => void;
  /** Whether the key was for the list of suggestions. */
  takeKey: (event: KeyboardEvent) => boolean;
}

function useTyping(value: string, area: { current: HTMLTextAreaElement | null }): Typing {
  const [text, setText] = useState(value);
  const [completion, setCompletion] = useState<Completion | null>(null);
  const [active, setActive] = useState(0);
  const cursor = useRef<number | null>(null);
  useLayoutEffect(() => setText(value), [value]);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
    if (cursor.current !== null) element.setSelectionRange(cursor.current, cursor.current);
    cursor.current = null;
  }, [text]);
  const offer = (): void => {
    const element = area.current;
    const found = element && complete(element.value, element.selectionStart, vocabulary);
    setCompletion(found && found.items.length > 0 ? found : null);
    setActive(0);
  };
  const pick = (item: Item): void => {
    if (!completion) return;
    const next = applyItem(text, completion, item);
    cursor.current = next.cursor;
    setText(next.text);
    setCompletion(null);
  };
  const takeKey = (event: KeyboardEvent): boolean => {
    if (!completion) return false;
    const size = completion.items.length;
    const item = completion.items[active];
    if (event.key === "ArrowDown") setActive((active + 1) % size);
    else if (event.key === "ArrowUp") setActive((active + size - 1) % size);
    else if (event.key === "Escape") setCompletion(null);
    else if (event.key === "Tab" && item) pick(item);
    else if (event.key === "Enter" && !event.ctrlKey && !event.shiftKey && item) {
      // A word that is typed out is not chosen again: Enter runs the expression.
      if (text.slice(completion.from, completion.to) === item.text) return false;
      pick(item);
    } else return false;
    return true;
  };
  return { text, completion, active, setText, offer, pick, close: () => setCompletion(null), takeKey };
}

export function Editor({ id, value, onRun }: EditorProps): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const { text, completion, active, setText, offer, pick, close, takeKey } = useTyping(value, area);
  const press = (event: KeyboardEvent): void => {
    const runs = event.key === "Enter" && !event.shiftKey;
    const asks = event.key === " " && event.ctrlKey;
    if (takeKey(event)) event.stopPropagation();
    else if (asks) offer();
    else if (!runs) return;
    else {
      close();
      onRun(text.trim());
    }
    event.preventDefault();
  };
  return (
    <div class="editor">
      <textarea id={id} class="input code" rows={1} ref={area} value={text} spellcheck={false} autocomplete="off"
        autocapitalize="off" placeholder="PromQL, for example avg by (device) (temperature)" aria-label="PromQL expression"
        aria-controls={completion ? `${id}-list` : undefined} aria-autocomplete="list"
        aria-activedescendant={completion ? `${id}-${active}` : undefined}
        onInput={(event) => {
          setText(event.currentTarget.value);
          offer();
        }}
        onKeyDown={press} onBlur={close} />
      {completion && <Suggestions id={id} completion={completion} active={active} onPick={pick} />}
    </div>
  );
}

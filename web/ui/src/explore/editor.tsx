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

export function Editor({ id, value, onRun }: EditorProps): JSX.Element {
  const ref = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(value);
  const [completion, setCompletion] = useState<Completion | null>(null);
  const [active, setActive] = useState(0);
  const cursor = useRef<number | null>(null);
  useLayoutEffect(() => setText(value), [value]);
  useLayoutEffect(() => {
    const area = ref.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
    if (cursor.current !== null) area.setSelectionRange(cursor.current, cursor.current);
    cursor.current = null;
  }, [text]);
  const offer = (area: HTMLTextAreaElement): void => {
    const found = complete(area.value, area.selectionStart, vocabulary);
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
  const run = (): void => {
    setCompletion(null);
    onRun(text.trim());
  };
  const choosing = (event: KeyboardEvent, open: Completion): boolean => {
    const size = open.items.length;
    if (event.key === "ArrowDown") setActive((active + 1) % size);
    else if (event.key === "ArrowUp") setActive((active + size - 1) % size);
    else if (event.key === "Escape") setCompletion(null);
    else if (event.key === "Tab" || (event.key === "Enter" && !event.ctrlKey && !event.shiftKey)) {
      const item = open.items[active];
      const whole = item && text.slice(open.from, open.to) === item.text && event.key === "Enter";
      if (!item || whole) return false;
      pick(item);
    } else return false;
    return true;
  };
  const press = (event: KeyboardEvent): void => {
    if (completion && choosing(event, completion)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      run();
    } else if (event.key === " " && event.ctrlKey && ref.current) {
      event.preventDefault();
      offer(ref.current);
    }
  };
  return (
    <div class="editor">
      <textarea id={id} class="input code" rows={1} ref={ref} value={text} spellcheck={false} autocomplete="off"
        autocapitalize="off" placeholder="PromQL, for example avg by (device) (temperature)" aria-label="PromQL expression"
        aria-expanded={completion !== null} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={completion ? `${id}-${active}` : undefined}
        onInput={(event) => {
          setText(event.currentTarget.value);
          offer(event.currentTarget);
        }}
        onKeyDown={press} onBlur={() => setCompletion(null)} />
      {completion && <Suggestions id={id} completion={completion} active={active} onPick={pick} />}
    </div>
  );
}

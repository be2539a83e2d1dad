// SPDX-License-Identifier: MIT
// The open rows of the topic tree; only those near the view are in the document.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { count, plural, rate } from "../lib/format";
import { age } from "../lib/time";
import { now } from "../state/clock";
import { Icon } from "../ui/icons";
import { preview } from "./payload";
import { isStored, isUnstored, parentIndex, type Node } from "./tree";

const ROW = 36;
const OVERSCAN = 20;

export interface TreeProps {
  rows: Node[];
  selected: string;
  isOpen: (node: Node) => boolean;
  onToggle: (node: Node) => void;
  onSelect: (node: Node) => void;
}

function Age({ ms }: { ms: number }): JSX.Element {
  const text = useComputed(() => age(now.value - ms));
  return <span class="row-age">{ms > 0 ? text : ""}</span>;
}

function Badges({ node }: { node: Node }): JSX.Element {
  const { topic } = node;
  if (!topic) return <span class="row-note">{plural(node.topics, "topic")}</span>;
  return (
    <>
      <span class="row-payload">{preview(topic)}</span>
      {topic.retained && <span class="tag" title="retained: the broker keeps this message">R</span>}
      {!isStored(topic) && (
        <span class={`tag ${isUnstored(topic) ? "warn-tag" : ""}`} title="nothing of the last message is stored">
          {topic.dropped.replace(/_/g, " ") || "not stored"}</span>
      )}
    </>
  );
}

function Row({ node, props, index }: { node: Node; props: TreeProps; index: number }): JSX.Element {
  const branch = node.children.size > 0;
  const open = branch && props.isOpen(node);
  return (
    <div class="tree-row" role="treeitem" id={`row-${index}`} aria-level={node.depth + 1}
      aria-expanded={branch ? open : undefined} aria-selected={props.selected === node.path}
      style={`top: ${index * ROW}px; padding-left: ${10 + node.depth * 18}px`}
      data-path={node.path}
      onClick={() => {
        if (branch && !node.topic) props.onToggle(node);
        props.onSelect(node);
      }}>
      {branch ? (
        <button class="twisty" tabIndex={-1} aria-label={open ? "Close" : "Open"} data-open={open}
          onClick={(event) => {
            event.stopPropagation();
            props.onToggle(node);
          }}><Icon name="chevron" size={14} /></button>
      ) : <i class="leaf" />}
      <span class="row-name" key={node.lastMs} data-flash={Date.now() - node.lastMs < 2500}>{node.name || "(empty)"}</span>
      <Badges node={node} />
      <span class="row-rate">{node.rate > 0 ? `${rate(node.rate)}/s` : ""}</span>
      <span class="row-count">{count(node.messages)}</span>
      <Age ms={node.lastMs} />
    </div>
  );
}

/** Rows that are in view, or near it. */
function useView(box: { current: HTMLDivElement | null }, size: number): [[number, number], () => void] {
  const [view, setView] = useState<[number, number]>([0, 40]);
  const measure = (): void => {
    const element = box.current;
    if (!element) return;
    const first = Math.max(0, Math.floor(element.scrollTop / ROW) - OVERSCAN);
    const last = Math.ceil((element.scrollTop + element.clientHeight) / ROW) + OVERSCAN;
    setView((old) => (old[0] === first && old[1] === last ? old : [first, last]));
  };
  useLayoutEffect(measure, [size]);
  useEffect(() => {
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  return [view, measure];
}

function scrollTo(element: HTMLElement | null, index: number, centred: boolean): void {
  if (!element) return;
  const top = index * ROW;
  const hidden = top < element.scrollTop || top + ROW > element.scrollTop + element.clientHeight;
  if (!hidden) return;
  if (centred) element.scrollTop = top - element.clientHeight / 2;
  else element.scrollTop = top < element.scrollTop ? top : top + ROW - element.clientHeight;
}

/** What each key of the ARIA tree pattern does with the row at `at` selected. */
function treeKeys(props: TreeProps, at: number, moveTo: (index: number) => void): Record<string, () => void> {
  const { rows, isOpen, onToggle } = props;
  const node = rows[at];
  const open = node !== undefined && node.children.size > 0 && isOpen(node);
  return {
    ArrowDown: () => moveTo(at + 1),
    ArrowUp: () => moveTo(at - 1),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1),
    ArrowRight: () => {
      if (node && node.children.size > 0 && !open) onToggle(node);
      else moveTo(at + 1);
    },
    ArrowLeft: () => {
      if (node && open) onToggle(node);
      else if (node) moveTo(parentIndex(rows, at));
    },
  };
}

export function TreeView(props: TreeProps): JSX.Element {
  const { rows, selected } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, measure] = useView(box, rows.length);
  const at = rows.findIndex((node) => node.path === selected);
  const revealed = useRef("");
  useLayoutEffect(() => {
    // Once for each selection: whoever scrolls away afterwards is not pulled back.
    if (at < 0 || revealed.current === selected) return;
    revealed.current = selected;
    scrollTo(box.current, at, true);
  }, [at, selected]);
  const moveTo = (index: number): void => {
    const target = Math.min(rows.length - 1, Math.max(0, index));
    const node = rows[target];
    if (!node) return;
    revealed.current = node.path;
    props.onSelect(node);
    scrollTo(box.current, target, false);
  };
  return (
    <div class="tree" role="tree" aria-label="Topics" tabIndex={0} ref={box} onScroll={measure}
      aria-activedescendant={at >= 0 ? `row-${at}` : undefined}
      onKeyDown={(event) => {
        const action = treeKeys(props, at, moveTo)[event.key];
        if (!action) return;
        event.preventDefault();
        action();
      }}>
      <div style={`height: ${rows.length * ROW}px; position: relative`}>
        {rows.slice(view[0], view[1]).map((node, offset) => (
          <Row key={node.path} node={node} props={props} index={view[0] + offset} />
        ))}
      </div>
    </div>
  );
}

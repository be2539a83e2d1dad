// SPDX-License-Identifier: MIT
// Topics as a tree, and the rows of it that are open.
import { collate } from "../lib/format";
import type { Topic } from "./api";

export interface Node {
  /** The topic up to here; with several brokers, below the broker's name. */
  path: string;
  name: string;
  depth: number;
  children: Map<string, Node>;
  /** Set where messages arrive. */
  topic: Topic | null;
  /** Sums over the node and everything below. */
  topics: number;
  messages: number;
  rate: number;
  lastMs: number;
  unstored: number;
}

function makeNode(path: string, name: string, depth: number): Node {
  return {
    path, name, depth, children: new Map(), topic: null,
    topics: 0, messages: 0, rate: 0, lastMs: 0, unstored: 0,
  };
}

export function isStored(topic: Topic): boolean {
  return topic.samples > 0;
}

// Messages that are not meant to give samples, or gave none because nothing was new.
const INTENDED = new Set(["ignored", "metadata", "unchanged", "filtered", "control"]);

/** Nothing was stored and nobody asked for that. */
export function isUnstored(topic: Topic): boolean {
  return !isStored(topic) && !INTENDED.has(topic.dropped);
}

function count(node: Node, topic: Topic): void {
  node.topics += 1;
  node.messages += topic.messages;
  node.rate += topic.rate;
  node.lastMs = Math.max(node.lastMs, topic.last_ms);
  if (isUnstored(topic)) node.unstored += 1;
}

/** Levels that only lead to one other are shown as one row: `air-monitor/sensor/co2`. */
function compact(node: Node, depth: number): Node {
  let inner = node;
  let name = node.name;
  for (let only = onlyChild(inner); only && !inner.topic; only = onlyChild(inner)) {
    name = `${name}/${only.name}`;
    inner = only;
  }
  const children = new Map<string, Node>();
  for (const [key, child] of inner.children) children.set(key, compact(child, depth + 1));
  return { ...inner, name, depth, children };
}

function onlyChild(node: Node): Node | undefined {
  return node.children.size === 1 ? node.children.values().next().value : undefined;
}

export function buildTree(topics: Iterable<Topic>, withBrokers: boolean): Node {
  const root = makeNode("", "", -1);
  for (const topic of topics) {
    const parts = withBrokers ? [topic.broker, ...topic.topic.split("/")] : topic.topic.split("/");
    let node = root;
    count(root, topic);
    parts.forEach((part, depth) => {
      let child = node.children.get(part);
      if (!child) {
        child = makeNode(depth === 0 ? part : `${node.path}/${part}`, part, depth);
        node.children.set(part, child);
      }
      count(child, topic);
      node = child;
    });
    node.topic = topic;
  }
  for (const [key, child] of root.children) root.children.set(key, compact(child, 0));
  return root;
}

/** The row above a row, in the order that `openRows` gave; -1 at the top level. */
export function parentIndex(rows: Node[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let above = index - 1; above >= 0; above -= 1) {
    if ((rows[above]?.depth ?? 0) < depth) return above;
  }
  return -1;
}

/** Nodes that must be open for the topic's row to show. */
export function pathTo(root: Node, path: string): Node[] {
  const trail: Node[] = [];
  let node: Node | undefined = root;
  while (node && node.path !== path) {
    node = [...node.children.values()].find((child) => path === child.path || path.startsWith(`${child.path}/`));
    if (node) trail.push(node);
  }
  return trail.slice(0, -1);
}

/** Rows in order; children of nodes that `isOpen` says are open. */
export function openRows(root: Node, isOpen: (node: Node) => boolean): Node[] {
  const rows: Node[] = [];
  const visit = (node: Node): void => {
    const children = [...node.children.values()].sort((a, b) => collate(a.name, b.name));
    for (const child of children) {
      rows.push(child);
      if (child.children.size > 0 && isOpen(child)) visit(child);
    }
  };
  visit(root);
  return rows;
}

export type Show = "all" | "stored" | "unstored" | "retained";

export function filterTopics(topics: Topic[], query: string, show: Show): Topic[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return topics.filter((topic) => {
    if (show === "stored" && !isStored(topic)) return false;
    if (show === "unstored" && !isUnstored(topic)) return false;
    if (show === "retained" && !topic.retained) return false;
    const text = `${topic.topic} ${topic.rule}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Opened at first: as many levels as give no more than about forty rows. */
export function initiallyOpen(root: Node): Set<string> {
  const open = new Set<string>();
  let level = [...root.children.values()];
  let rows = level.length;
  while (level.length > 0) {
    const next = level.flatMap((node) => [...node.children.values()]);
    if (next.length === 0 || rows + next.length > 40) break;
    level.forEach((node) => open.add(node.path));
    rows += next.length;
    level = next;
  }
  return open;
}

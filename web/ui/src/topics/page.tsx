// SPDX-License-Identifier: MIT
// Everything that the brokers send, as a live tree, and what became of it. Address: `t` (selected
// topic), `q` (search), `show`.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { plural, rate } from "../lib/format";
import { brokers } from "../state/collector";
import { route, setParams } from "../state/router";
import { Icon } from "../ui/icons";
import { Inspector } from "./inspector";
import { allTopics, findTopic, followTopics, topicsError, topicsLoaded, topicsVersion } from "./state";
import { buildTree, filterTopics, initiallyOpen, openRows, pathTo, type Node, type Show } from "./tree";
import { TreeView } from "./tree_view";

const SHOWS: Array<[Show, string]> = [
  ["all", "All"], ["stored", "Stored"], ["unstored", "Not stored"], ["retained", "Retained"],
];

function NoTopics(): JSX.Element {
  const broker = brokers.value[0];
  return (
    <div class="empty">
      <h2>{broker ? "No message has arrived yet" : "No broker is configured"}</h2>
      <p>{broker
        ? `${broker.url || broker.name} ${broker.connected ? "is connected" : `is not connected: ${broker.error || "trying"}`}.`
        : "Start the server with --broker, or add a [[broker]] section to engine.toml."}</p>
    </div>
  );
}

export function TopicsPage(): JSX.Element {
  useEffect(followTopics, []);
  const params = route.value.params;
  const query = params.get("q") ?? "";
  const show = (params.get("show") ?? "all") as Show;
  const selected = params.get("t") ?? "";
  const version = topicsVersion.value;
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const opened = useRef<Set<string> | null>(null);

  const { root, severalBrokers } = useMemo(() => {
    const topics = allTopics();
    const several = new Set(topics.map((topic) => topic.broker)).size > 1;
    const tree = buildTree(filterTopics(topics, query, show), several);
    return { root: tree, severalBrokers: several };
  }, [version, query, show]);
  if (!opened.current && root.topics > 0) {
    opened.current = initiallyOpen(root);
    for (const node of pathTo(root, selected)) opened.current.add(node.path);
  }
  const searching = query !== "" && root.topics < 500;
  const isOpen = (node: Node): boolean => (
    toggled.get(node.path) ?? (searching || (opened.current?.has(node.path) ?? false)));
  const rows = openRows(root, isOpen);
  const topic = selected ? findTopic(selected) : undefined;
  const nodePath = topic && severalBrokers ? `${topic.broker}/${topic.topic}` : selected;
  if (topicsLoaded.value && allTopics().length === 0) return <NoTopics />;
  return (
    <div class="page topics-page">
      <div class="toolbar">
        <label class="search"><Icon name="search" size={18} />
          <input type="search" id="search" placeholder="Search topics and rules" value={query} aria-label="Search topics"
            onInput={(event) => setParams({ q: event.currentTarget.value || null }, true)} /></label>
        <div class="segments" role="group" aria-label="Show">{SHOWS.map(([value, text]) => (
          <button key={value} aria-pressed={show === value}
            onClick={() => setParams({ show: value === "all" ? null : value })}>{text}</button>))}
        </div>
        <span class="muted">{plural(root.topics, "topic")} · {rate(root.rate)}/s
          {root.unstored > 0 && show === "all" ? ` · ${root.unstored} not stored` : ""}</span>
      </div>
      {topicsError.value && <p class="banner crit" role="alert">Cannot load the topics: {topicsError.value}</p>}
      <div class="split" data-selected={Boolean(topic)}>
        <div class="card tree-card">
          <TreeView rows={rows} selected={nodePath} isOpen={isOpen}
            onToggle={(node) => setToggled(new Map(toggled).set(node.path, !isOpen(node)))}
            onSelect={(node) => setParams({ t: node.topic ? node.topic.topic : node.path }, true)} />
        </div>
        {topic
          ? <Inspector topic={topic} onClose={() => setParams({ t: null })} />
          : <aside class="card inspector hint"><p class="muted">Choose a topic to see its last message and what was stored of it.</p></aside>}
      </div>
    </div>
  );
}

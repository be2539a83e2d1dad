// SPDX-License-Identifier: MIT
// How the server itself is doing: what comes in, what is kept, what it costs.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Points } from "../api/prometheus";
import { pathOf } from "../home/sparkline";
import { bytes, count, number, plural, rate } from "../lib/format";
import { duration } from "../lib/time";
import { brokers, brokerText, ruleMessages } from "../state/collector";
import { databases } from "../state/database";
import { INTERNAL } from "../ui/database_picker";
import { byLabel, perSecond, total, type Snapshot } from "./metrics";
import { build, engineError, followEngine, health, history, runtime, tsdb } from "./state";

const RATE_OVER = 5;

function rateSeries(snapshots: Snapshot[], name: string): Points {
  const points: Points = { t: [], v: [] };
  for (let index = 1; index < snapshots.length; index += 1) {
    const before = snapshots[Math.max(0, index - RATE_OVER)];
    const after = snapshots[index];
    const value = before && after ? perSecond(before, after, name) : null;
    if (after && value !== null) {
      points.t.push(after.t);
      points.v.push(value);
    }
  }
  return points;
}

function levelSeries(snapshots: Snapshot[], name: string): Points {
  const points: Points = { t: [], v: [] };
  for (const snapshot of snapshots) {
    const value = total(snapshot.families, name);
    if (value === null) continue;
    points.t.push(snapshot.t);
    points.v.push(value);
  }
  return points;
}

function Stat(props: { title: string; value: string; note?: string; points?: Points; color?: number }): JSX.Element {
  const { title, value, note, points, color = 1 } = props;
  const path = points && points.t.length > 1
    ? pathOf(points, points.t[points.t.length - 1] ?? 0, Math.max(30e3, (points.t[points.t.length - 1] ?? 0) - (points.t[0] ?? 0)), false)
    : null;
  return (
    <div class="stat card" style={`--series: var(--series-${color})`}>
      <div class="stat-title">{title}</div>
      <div class="stat-value">{value}</div>
      <div class="stat-note">{note ?? ""}</div>
      <svg class="spark" viewBox="0 0 200 40" preserveAspectRatio="none" aria-hidden="true">
        {path && <path class="spark-area" d={path.area} />}{path && <path class="spark-line" d={path.line} />}
      </svg>
    </div>
  );
}

function newest(points: Points): number | null {
  return points.v[points.v.length - 1] ?? null;
}

interface RateStat { title: string; name: string; color: number; unit: string }
const RATES: RateStat[] = [
  { title: "Messages received", name: "cistern_messages_received_total", color: 1, unit: "/s" },
  { title: "Samples stored", name: "cistern_samples_written_total", color: 3, unit: "/s" },
  { title: "Fields not stored", name: "cistern_samples_dropped_total", color: 2, unit: "/s" },
  { title: "HTTP requests", name: "cistern_http_requests_total", color: 5, unit: "/s" },
];

function Stats({ snapshots }: { snapshots: Snapshot[] }): JSX.Element {
  const last = snapshots[snapshots.length - 1];
  const families = last?.families ?? new Map();
  const memory = levelSeries(snapshots, "process_resident_memory_bytes");
  const cpu = rateSeries(snapshots, "process_cpu_seconds_total");
  const started = Date.parse(String(runtime.value["startTime"] ?? ""));
  return (
    <div class="stats">
      {RATES.map((stat) => {
        const points = rateSeries(snapshots, stat.name);
        const all = total(families, stat.name);
        if (all === null) return null;
        const value = newest(points);
        return <Stat key={stat.name} title={stat.title} color={stat.color} points={points}
          value={value === null ? "…" : rate(value) + stat.unit} note={`${count(all)} since the start`} />;
      })}
      {memory.v.length > 0 && <Stat title="Memory" color={6} points={memory} value={bytes(newest(memory) ?? 0)} note="resident" />}
      {cpu.v.length > 0 && <Stat title="CPU" color={4} points={cpu} value={`${number((newest(cpu) ?? 0) * 100)} %`} note="of one core" />}
      <Stat title="Version" value={build.value["revision"] ?? build.value["version"] ?? "–"}
        note={Number.isFinite(started) ? `up ${duration(Date.now() - started)}` : ""} />
    </div>
  );
}

function Databases({ snapshot }: { snapshot: Snapshot }): JSX.Element {
  const { families } = snapshot;
  const names = byLabel(families, "cistern_store_series", "db").map(([name]) => name).filter(Boolean);
  const of = (name: string, db: string): number => total(families, name, { db }) ?? 0;
  return (
    <section class="card panel"><h2>Databases</h2>
      <div class="scroll-x"><table class="figures">
        <thead><tr><th>Name</th><th>Series</th><th>Samples</th><th>Files</th><th>On disk</th><th>Bytes/sample</th><th>In memory</th><th>Log</th><th>Damaged blocks</th></tr></thead>
        <tbody>{names.map((db) => {
          const inFiles = of("cistern_store_file_samples", db);
          const size = of("cistern_store_file_bytes", db);
          const damaged = of("cistern_store_corrupt_blocks_total", db);
          return (
            <tr key={db}>
              <th>{db}{of("cistern_store_read_only", db) > 0 && <span class="tag warn-tag">read only</span>}</th>
              <td>{count(of("cistern_store_series", db))}</td>
              <td>{count(inFiles + of("cistern_store_head_samples", db))}</td>
              <td>{count(of("cistern_store_files", db))}</td>
              <td>{bytes(size)}</td>
              <td>{inFiles > 0 ? number(size / inFiles) : "–"}</td>
              <td>{bytes(of("cistern_store_head_bytes", db))}</td>
              <td>{bytes(of("cistern_wal_bytes", db))}</td>
              <td class={damaged > 0 ? "crit" : ""}>{count(damaged)}</td>
            </tr>
          );
        })}</tbody>
      </table></div>
    </section>
  );
}

function Bars({ title, rows, note }: { title: string; rows: Array<[string, number]>; note: string }): JSX.Element | null {
  const top = rows.filter(([, value]) => value > 0).slice(0, 10);
  const most = top[0]?.[1] ?? 1;
  return (
    <section class="card panel"><h2>{title}</h2>
      {top.length === 0 && <p class="muted">{note}</p>}
      <div class="bars">{top.map(([name, value]) => (
        <div class="bar" key={name}><span class="bar-name" title={name}>{name || "(none)"}</span>
          <span class="bar-track"><i style={`width: ${Math.max(1, (100 * value) / most)}%`} /></span>
          <b>{count(value)}</b></div>))}
      </div>
    </section>
  );
}

function Brokers(): JSX.Element {
  return (
    <section class="card panel"><h2>Brokers</h2>
      {brokers.value.length === 0 && <p class="muted">No broker is configured.</p>}
      <ul class="broker-list">{brokers.value.map((broker) => (
        <li key={broker.name} class="broker" data-up={broker.connected}><i class="dot" />
          <b>{broker.name || brokerText(broker)}</b><span class="muted">{brokerText(broker)}</span>
          {broker.messages > 0 && <span class="muted">{plural(broker.messages, "message")}</span>}</li>))}
      </ul>
    </section>
  );
}

function AllMetrics({ snapshots }: { snapshots: Snapshot[] }): JSX.Element {
  const [query, setQuery] = useState("");
  const last = snapshots[snapshots.length - 1];
  const words = query.toLowerCase().split(/\s+/);
  const rows = [...(last?.families ?? [])].flatMap(([name, family]) => family.metrics.map((metric) => ({
    text: name + Object.entries(metric.labels).map(([key, value]) => ` ${key}=${value}`).join(""),
    help: family.help, value: metric.value,
  }))).filter((row) => words.every((word) => row.text.toLowerCase().includes(word)));
  return (
    <details class="card panel"><summary><h2>All figures <span class="muted">as /metrics gives them</span></h2></summary>
      <input class="input" type="search" placeholder="Search" value={query} aria-label="Search figures"
        onInput={(event) => setQuery(event.currentTarget.value)} />
      <div class="scroll-x"><table class="figures all">
        <tbody>{rows.slice(0, 400).map((row) => (
          <tr key={row.text}><th title={row.help}>{row.text}</th><td>{number(row.value)}</td></tr>))}</tbody>
      </table></div>
    </details>
  );
}

export function EnginePage(): JSX.Element {
  useEffect(followEngine, []);
  const snapshots = history.value;
  const last = snapshots[snapshots.length - 1];
  const counts = (rows: Array<{ name: string; value: number }> | undefined): Array<[string, number]> => (
    (rows ?? []).map(({ name, value }) => [name, value]));
  return (
    <div class="page engine-page">
      {engineError.value && <p class="banner crit" role="alert">Cannot read the figures: {engineError.value}</p>}
      {health.value.read_only && <p class="banner crit" role="alert">Writes are refused. {health.value.reason}</p>}
      {last && <Stats snapshots={snapshots} />}
      {last && <Databases snapshot={last} />}
      <div class="panels">
        <Brokers />
        <Bars title="Messages, by rule" rows={ruleMessages.value} note="No message has arrived." />
        {last && <Bars title="Not stored, by reason" rows={byLabel(last.families, "cistern_samples_dropped_total", "reason")}
          note="Nothing was left out." />}
        <Bars title="Metrics with most series" rows={counts(tsdb.value.seriesCountByMetricName)} note="No series yet." />
        <Bars title="Labels with most values" rows={counts(tsdb.value.labelValueCountByLabelName)} note="No labels yet." />
      </div>
      {databases.value.includes(INTERNAL) && (
        <p class="engine-link"><a href={`./?db=${INTERNAL}`}>The server's own figures over time</a></p>)}
      {last && <AllMetrics snapshots={snapshots} />}
    </div>
  );
}

// SPDX-License-Identifier: MIT
// The stand-in server's figures about itself.

export function metricsMock(all) {
  const t = Date.now() / 1000;
  const up = t % 86400;
  return `# HELP cistern_messages_received_total Messages in the log.
# TYPE cistern_messages_received_total counter
cistern_messages_received_total{broker="local"} ${Math.round(up * 42 + 30 * Math.sin(t / 7))}
cistern_samples_dropped_total{reason="unmapped"} ${Math.round(up / 3)}
cistern_samples_dropped_total{reason="metadata"} ${Math.round(up / 9)}
cistern_http_requests_total{code="200"} ${Math.round(up / 2)}
cistern_store_series{db="main"} ${all.length}
cistern_store_series{db="internal"} 40
cistern_samples_written_total{db="main"} ${Math.round(up * 96 + 50 * Math.sin(t / 5))}
cistern_store_file_samples{db="main"} 48210332
cistern_store_file_bytes{db="main"} 47120000
cistern_store_files{db="main"} 31
cistern_store_head_samples{db="main"} 345600
cistern_store_head_bytes{db="main"} 5529600
cistern_store_corrupt_blocks_total{db="main"} 0
cistern_store_read_only{db="main"} 0
cistern_wal_bytes{db="main"} 16777216
process_resident_memory_bytes ${Math.round(31e6 + 5e5 * Math.sin(t / 30))}
process_cpu_seconds_total ${(up * 0.021).toFixed(2)}
process_start_time_seconds ${Math.round(t - up)}
`;
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10).map(([name, value]) => ({ name, value }));
}

export function statusMock(all, name) {
  if (name === "buildinfo") return { version: "2.42.0+cistern.0.1.0", revision: "0.1.0" };
  if (name === "runtimeinfo") return { startTime: new Date(Date.now() - 36e6).toISOString() };
  if (name === "tsdb") {
    const pairs = new Set(all.flatMap((series) => Object.entries(series.labels).map((pair) => JSON.stringify(pair))));
    return {
      headStats: { numSeries: all.length },
      seriesCountByMetricName: counted(all.map((series) => series.metric)),
      labelValueCountByLabelName: counted([...pairs].map((pair) => JSON.parse(pair)[0])),
    };
  }
  return {};
}

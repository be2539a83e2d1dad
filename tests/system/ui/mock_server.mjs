// SPDX-License-Identifier: MIT
// A stand-in for the server, for working on the dashboard and for cases a real one is hard to
// bring into: thousands of series, refused streams, an empty store. Values are functions of time,
// so every query of the same moment gives the same answer.
//
//   node mock_server.mjs [--port 8431] [--series 0] [--empty] [--refuse-live] [--dist DIR]
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { metricsMock, statusMock } from "./mock_engine.mjs";
import { explainMock, topicsMock } from "./mock_topics.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const DIST = join(here, "../../../web/ui/dist");
const MIME = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".txt": "text/plain" };

const UNITS = {
  temperature: "°C", humidity: "%", pressure: "hPa", power: "W", energy: "kWh", voltage: "V",
  battery: "%", illuminance: "lx", linkquality: "", co2: "ppm",
};
const SHAPES = {
  temperature: (s, n) => 20 + s.seed % 5 + 3 * Math.sin(s.t / 5400 + s.seed) + 0.15 * n,
  humidity: (s, n) => 52 + 9 * Math.sin(s.t / 7200 + s.seed * 2) + 0.4 * n,
  pressure: (s, n) => 1013 + 4 * Math.sin(s.t / 20000 + s.seed) + 0.1 * n,
  power: (s, n) => Math.max(0, (Math.sin(s.t / 700 + s.seed) > 0.1 ? 180 + 60 * (s.seed % 9) : 4) + 9 * n),
  energy: (s) => 1200 + s.seed * 31 + (s.t % 8640000) / 9000,
  voltage: (s, n) => 230 + 1.5 * Math.sin(s.t / 900) + 0.5 * n,
  battery: (s) => 100 - (s.seed * 7 + Math.floor(s.t / 86400)) % 60,
  illuminance: (s, n) => Math.max(0, 420 * Math.sin(s.t / 13751 + s.seed / 9) + 12 * n),
  linkquality: (s, n) => Math.round(120 + 60 * Math.sin(s.seed) + 8 * n),
  co2: (s, n) => 640 + 220 * Math.sin(s.t / 2500 + s.seed) + 6 * n,
  occupancy: (s) => (Math.sin(s.t / 260 + s.seed) > 0.6 ? 1 : 0),
  contact: (s) => (Math.sin(s.t / 1900 + s.seed) > -0.8 ? 1 : 0),
  state: (s) => (Math.sin(s.t / 1400 + s.seed) > 0 ? 1 : 0),
};

function noise(seed, t) {
  const x = Math.sin(seed * 127.1 + Math.floor(t) * 311.7) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}

function home() {
  const rooms = ["kitchen", "living_room", "bedroom", "bathroom", "office", "garage", "cellar"];
  const list = [];
  const add = (metric, labels, every) => list.push({ metric, labels: { __name__: metric, ...labels }, every });
  for (const room of rooms) {
    for (const metric of ["temperature", "humidity", "battery", "linkquality"]) {
      add(metric, { device: `${room}_climate`, area: room.replace("_", " ") }, 10);
    }
  }
  for (const room of ["kitchen", "living_room", "bathroom"]) {
    add("occupancy", { device: `${room}_motion` }, 15);
    add("illuminance", { device: `${room}_motion` }, 15);
  }
  for (const plug of ["washing_machine", "fridge", "desk", "tv"]) {
    for (const metric of ["power", "energy", "voltage", "state"]) add(metric, { device: `${plug}_plug` }, 2);
  }
  for (const channel of ["0", "1", "2"]) {
    add("power", { device: "shellyem3-84CCA8A1", component: "emeter", channel }, 1);
    add("voltage", { device: "shellyem3-84CCA8A1", component: "emeter", channel }, 1);
  }
  for (const metric of ["co2", "temperature", "humidity", "pressure"]) add(metric, { device: "air-monitor" }, 5);
  add("contact", { device: "front_door" }, 30);
  add("temperature", { path: "garden/greenhouse" }, 20);
  return list;
}

function many(count) {
  const metrics = Object.keys(SHAPES);
  return Array.from({ length: count }, (_, index) => {
    const metric = metrics[index % 6];
    return { metric, labels: { __name__: metric, device: `sensor-${Math.floor(index / 6)}` }, every: 2 };
  });
}

function prepare(series) {
  series.forEach((one, index) => {
    one.seed = (index * 37) % 101;
  });
  return series;
}

function valueAt(series, t) {
  const value = SHAPES[series.metric]({ seed: series.seed, t }, noise(series.seed, t));
  return Math.round(value * 100) / 100;
}

// The kitchen's sensor was away for a while, so that gaps can be seen.
function isAway(series, t) {
  return series.labels.device === "kitchen_climate" && (t % 3600) > 1500 && (t % 3600) < 2100;
}

function lastSample(series, t, lookback) {
  const at = Math.floor(t / series.every) * series.every;
  for (let when = at; when > t - lookback; when -= series.every) {
    if (!isAway(series, when)) return when;
  }
  return null;
}

function unquote(text) {
  return JSON.parse(text);
}

function parseSelector(text) {
  const parts = /^\s*([A-Za-z_:][\w:]*)?\s*(?:\{(.*)\})?\s*(?:\[(\w+)\])?\s*$/s.exec(text);
  if (!parts) return null;
  const tests = parts[1] ? [(labels) => labels.__name__ === parts[1]] : [];
  for (const [, key, op, value] of (parts[2] ?? "").matchAll(/([\w]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")/g)) {
    const wanted = unquote(value);
    const pattern = op.includes("~") ? new RegExp(`^(?:${wanted})$`) : null;
    const equal = (labels) => (pattern ? pattern.test(labels[key] ?? "") : (labels[key] ?? "") === wanted);
    tests.push(op.startsWith("!") ? (labels) => !equal(labels) : equal);
  }
  return { fits: (labels) => tests.every((test) => test(labels)), range: parts[3] };
}

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 };
function durationOf(text) {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) total += Number(amount) * SECONDS[unit];
  return total;
}

const OVER_TIME = {
  avg: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  count: (values) => values.length,
  last: (values) => values[values.length - 1],
};

function samplesBetween(series, from, to, limit = 20000) {
  const found = [];
  const stride = Math.max(1, Math.ceil((to - from) / series.every / limit));
  for (let t = Math.ceil((from + 1e-6) / series.every) * series.every; t <= to; t += series.every * stride) {
    if (!isAway(series, t)) found.push([t, valueAt(series, t)]);
  }
  return found;
}

/** [[labels, value]] of an expression at a time; null when this server does not know the form. */
function evaluate(all, query, t) {
  const call = /^\s*(avg|min|max|count|last)_over_time\((.*)\)\s*$/s.exec(query);
  const selected = parseSelector(call ? call[2] : query);
  if (!selected) return null;
  const fitting = all.filter((series) => selected.fits(series.labels));
  if (!call) {
    return fitting.flatMap((series) => {
      const at = lastSample(series, t, 300);
      return at === null ? [] : [[series.labels, valueAt(series, at)]];
    });
  }
  return fitting.flatMap((series) => {
    const range = durationOf(selected.range);
    const samples = samplesBetween(series, t - range, t, 60);
    if (samples.length === 0) return [];
    const value = call[1] === "count"
      ? range / series.every : OVER_TIME[call[1]](samples.map((sample) => sample[1]));
    const { __name__, ...rest } = series.labels;
    return [[call[1] === "last" ? series.labels : rest, value]];
  });
}

function instantAnswer(all, query, t) {
  const selected = parseSelector(query);
  if (selected?.range) {
    const from = t - durationOf(selected.range);
    const result = all.filter((series) => selected.fits(series.labels)).map((series) => (
      { metric: series.labels, values: samplesBetween(series, from, t).map(([at, v]) => [at, String(v)]) }));
    return { resultType: "matrix", result: result.filter((one) => one.values.length > 0) };
  }
  const vector = evaluate(all, query, t);
  return vector && {
    resultType: "vector", result: vector.map(([metric, v]) => ({ metric, value: [t, String(v)] })),
  };
}

function rangeAnswer(all, query, start, end, step) {
  const found = new Map();
  for (let t = start; t <= end + 1e-9; t += step) {
    const vector = evaluate(all, query, t);
    if (!vector) return null;
    for (const [labels, value] of vector) {
      const key = JSON.stringify(labels);
      if (!found.has(key)) found.set(key, { metric: labels, values: [] });
      found.get(key).values.push([t, String(value)]);
    }
  }
  return { resultType: "matrix", result: [...found.values()] };
}

function send(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendData(response, data) {
  if (data === null) send(response, 400, { status: "error", errorType: "bad_data", error: "not known here" });
  else send(response, 200, { status: "success", data });
}

function sendFile(response, path) {
  const page = extname(path) === "" || path === "/";
  try {
    const body = readFileSync(join(DIST, page ? "index.html" : path));
    response.writeHead(200, { "Content-Type": MIME[page ? ".html" : extname(path)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function stream(request, response, { all, match, options }) {
  const selected = match.map(parseSelector);
  const wanted = all.filter((series) => selected.length === 0 || selected.some((one) => one.fits(series.labels)));
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write("retry: 2000\n\n");
  let before = Date.now() / 1000;
  const timer = setInterval(() => {
    const t = Date.now() / 1000;
    const fresh = wanted.flatMap((series) => {
      const at = lastSample(series, t, series.every);
      return at !== null && at > before ? [{ labels: series.labels, t: at * 1000, v: valueAt(series, at) }] : [];
    });
    before = t;
    if (fresh.length > 0) response.write(`data: ${JSON.stringify({ series: fresh })}\n\n`);
  }, 250);
  options.streams = (options.streams ?? 0) + 1;
  request.on("close", () => {
    options.streams -= 1;
    clearInterval(timer);
  });
}

async function formOf(request) {
  let body = "";
  for await (const part of request) body += part;
  return new URLSearchParams(body);
}

const ROUTES = {
  query: (all, params) => instantAnswer(all, params.get("query"), Number(params.get("time") ?? Date.now() / 1000)),
  query_range: (all, params) => rangeAnswer(
    all, params.get("query"), Number(params.get("start")), Number(params.get("end")), Number(params.get("step"))),
  series: (all, params) => {
    const selected = params.getAll("match[]").map(parseSelector);
    return all.filter((series) => selected.some((one) => one.fits(series.labels))).map((series) => series.labels);
  },
  metadata: () => Object.fromEntries(Object.entries(UNITS).map(([name, unit]) => [name, [{ type: "gauge", help: "", unit }]])),
  topics: (all, params) => (all.length > 0 ? topicsMock(params) : { topics: [], total: 0, now_ms: Date.now() }),
  explain: (_all, params) => explainMock(params),
  databases: () => ({ resultType: "databases", result: ["main", "internal"] }),
  labels: (all) => [...new Set(all.flatMap((series) => Object.keys(series.labels)))].sort(),
};

function snapshotAnswer(all, params) {
  const t = Date.now() / 1000;
  const selected = params.getAll("match[]").map(parseSelector);
  const wanted = all.filter((series) => selected.length === 0 || selected.some((one) => one.fits(series.labels)));
  return { series: wanted.map((series) => {
    const at = lastSample(series, t, 86400);
    return { labels: series.labels, t: at * 1000, v: valueAt(series, at) };
  }) };
}

function collectorStatus(options) {
  if (options.noBroker) return { brokers: [] };
  return { brokers: [{ name: "local", url: "tcp://localhost:1883", connected: true, messages: 48213 }],
    rules: [{ rule: "preset:zigbee2mqtt", messages: 30210 }, { rule: "generic", messages: 18003 }] };
}

/** Starts; the result has `url`, `options` (may be changed while it runs) and `close()`. */
export async function startMock(options = {}) {
  const all = options.empty ? [] : prepare(options.series ? many(options.series) : home());
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const params = request.method === "POST" ? await formOf(request) : url.searchParams;
    if (options.prefix) {
      if (!url.pathname.startsWith(options.prefix)) return response.writeHead(404).end();
      url.pathname = url.pathname.slice(options.prefix.length - 1);
    }
    url.pathname = url.pathname.replace(/^\/db\/\w+\//, "/");
    const name = /^\/api\/v1\/(\w+)$/.exec(url.pathname)?.[1];
    if (name === "live") {
      if (options.refuseLive) response.writeHead(503, { "Retry-After": "5" }).end();
      else stream(request, response, { all, match: params.getAll("match[]"), options });
    } else if (url.pathname === "/api/v1/live/snapshot") {
      sendData(response, snapshotAnswer(all, params));
    } else if (url.pathname === "/api/v1/collector/status") {
      sendData(response, collectorStatus(options));
    } else if (url.pathname === "/metrics") {
      response.end(metricsMock(all));
    } else if (url.pathname === "/health") {
      send(response, 200, { status: "ok" });
    } else if (url.pathname.startsWith("/api/v1/status/")) {
      sendData(response, statusMock(all, url.pathname.slice(15)));
    } else if (name && ROUTES[name]) {
      sendData(response, ROUTES[name](all, params));
    } else if (url.pathname.startsWith("/api/")) {
      send(response, 404, { status: "error", error: "404 page not found" });
    } else {
      sendFile(response, url.pathname);
    }
  });
  await new Promise((done) => server.listen(options.port ?? 0, "127.0.0.1", done));
  const close = () => new Promise((done) => {
    server.closeAllConnections();
    server.close(done);
  });
  return { url: `http://127.0.0.1:${server.address().port}/`, port: server.address().port, options, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flag = (name) => process.argv.indexOf(name);
  const valueOf = (name, other) => (flag(name) < 0 ? other : Number(process.argv[flag(name) + 1]));
  const mock = await startMock({
    port: valueOf("--port", 8431), series: valueOf("--series", 0),
    empty: flag("--empty") > 0, refuseLive: flag("--refuse-live") > 0, noBroker: flag("--no-broker") > 0,
  });
  console.log(mock.url);
}

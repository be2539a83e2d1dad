// SPDX-License-Identifier: MIT
// What the stand-in server has heard over MQTT, and what it says it made of it.

const DEVICES = [
  ["zigbee2mqtt/kitchen_climate", "preset:zigbee2mqtt", (n) => ({ temperature: 21.4 + n, humidity: 48.2, battery: 97, linkquality: 120, last_seen: "2026-05-31T12:00:00Z" })],
  ["zigbee2mqtt/front_door", "preset:zigbee2mqtt", () => ({ contact: true, battery: 88, linkquality: 96 })],
  ["zigbee2mqtt/bridge/logging", "ignore", () => ({ level: "info", message: "MQTT publish" })],
  ["tele/washing_machine/SENSOR", "preset:tasmota", (n) => ({ Time: "2026-05-31T12:00:00", ENERGY: { Total: 812.4, Power: 411 + 20 * n, Voltage: 231 } })],
  ["tele/washing_machine/LWT", "preset:tasmota", () => "Online"],
  ["shellies/shellyem3-84CCA8A1/emeter/0/power", "preset:shelly_gen1", (n) => (118.3 + n).toFixed(2)],
  ["shellies/shellyem3-84CCA8A1/emeter/1/power", "preset:shelly_gen1", (n) => (64.1 + n).toFixed(2)],
  ["esphome/air-monitor/sensor/co2/state", "preset:esphome", (n) => String(Math.round(640 + 9 * n))],
  ["N/c0619ab2/battery/512/Soc", "preset:victron", () => ({ value: 83.5 })],
  ["garden/greenhouse/temperature", "generic", (n) => String((18 + n).toFixed(1))],
  ["frigate/driveway/person/snapshot", "generic", () => null],
];

function payloadOf(make, step) {
  const made = make(Math.round(10 * Math.sin(step)) / 10);
  if (made === null) return { payload_b64: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]).toString("base64") };
  return { payload: typeof made === "string" ? made : JSON.stringify(made) };
}

function numbersIn(value, path = []) {
  if (typeof value === "number" || typeof value === "boolean") return [[path.join("_").toLowerCase() || "value", Number(value)]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, child]) => numbersIn(child, [...path, key]));
}

export function explainMock(params) {
  const topic = params.get("topic");
  const rule = DEVICES.find(([name]) => name === topic)?.[1] ?? "generic";
  const answer = { topic, rule, steps: [`topic ${topic}`, `matched ${rule}`], samples: [], dropped: [] };
  if (rule === "ignore") return { ...answer, dropped: [{ reason: "ignored", field: "" }] };
  const payload = params.get("payload");
  let value = payload;
  try {
    value = JSON.parse(payload ?? "");
  } catch {
    value = null;
  }
  const device = topic.split("/")[1] ?? topic;
  answer.samples = numbersIn(value).map(([metric, number]) => (
    { db: "main", metric, labels: { device }, value: number, unit: metric === "temperature" ? "°C" : "" }));
  if (answer.samples.length === 0) answer.dropped = [{ reason: payload === null ? "binary_undecoded" : "unmapped", field: "" }];
  return answer;
}

export function topicsMock(params) {
  const now = Date.now();
  const since = Number(params.get("since_ms") ?? 0);
  const extra = Array.from({ length: 12 }, (_, index) => [
    `plant/line${1 + Math.floor(index / 4)}/press${index % 4}/cycles`, "generic", () => String(1000 + index)]);
  const topics = [...DEVICES, ...extra].map(([topic, rule, make], index) => {
    const every = 1000 * (1 + index % 7);
    const last = Math.floor(now / every) * every;
    const message = payloadOf(make, last / 4000 + index);
    const explained = explainMock(new URLSearchParams({ topic, ...(message.payload ? { payload: message.payload } : {}) }));
    return {
      broker: "local", topic, messages: Math.floor((now % 86400e3) / every), rate: 1000 / every, last_ms: last,
      retained: topic.endsWith("LWT") || index % 5 === 0, qos: index % 2, payload_bytes: (message.payload ?? "1234567").length,
      ...message, truncated: false, rule, samples: explained.samples.length, dropped: explained.dropped[0]?.reason ?? "",
    };
  });
  return { topics: topics.filter((topic) => topic.last_ms >= since), total: topics.length, now_ms: now };
}

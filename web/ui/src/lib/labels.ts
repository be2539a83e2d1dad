// SPDX-License-Identifier: MIT
// A series' labels: its identity, its PromQL selector, and how it is named to people.

export type Labels = Record<string, string>;

const NAME = "__name__";
const IDENTIFIER = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

// The label that names the thing a series belongs to, best first.
export const IDENTITY = [
  "device", "entity", "friendly_name", "unit_id", "camera", "vehicle", "loadpoint", "sensor", "id",
  "sender", "from", "node", "serial", "host", "instance", "job", "location", "room", "gateway", "detector",
  "process", "gpu", "unique_id", "path", "domain", "index", "application", "site",
];
// Labels that place the thing; they stand beside its name and are part of its identity.
const CONTEXT = ["area", "site", "line", "group", "portal", "application", "room", "location", "hub"];
// Labels that say nothing to people about which of a device's series this is.
const NOISE = new Set([
  NAME, "broker", "manufacturer", "model", "model_id", "unique_id", "dev_eui", "path", "enterprise",
  "domain", ...CONTEXT,
]);

export function metricName(labels: Labels): string {
  return labels[NAME] ?? "";
}

export function quote(text: string): string {
  return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}

/** The PromQL selector of exactly these labels; also the series' key within the page. */
export function selector(labels: Labels): string {
  const name = metricName(labels);
  const plain = IDENTIFIER.test(name);
  const parts: string[] = plain || !name ? [] : [`__name__=${quote(name)}`];
  for (const key of Object.keys(labels).sort()) {
    if (key === NAME) continue;
    parts.push(`${LABEL_NAME.test(key) ? key : quote(key)}=${quote(labels[key] ?? "")}`);
  }
  const braces = parts.length > 0 ? `{${parts.join(",")}}` : "";
  return (plain ? name : "") + (braces || (plain ? "" : "{}"));
}

export interface Place {
  /** Identity of the group a series is shown in. */
  key: string;
  title: string;
  /** Where it is: area, site, Sparkplug group; may be empty. */
  context: string;
  /** Equality matchers that select the whole group. */
  match: Labels;
}

function takeMatch(labels: Labels, keys: string[]): Labels {
  const match: Labels = {};
  for (const key of keys) match[key] = labels[key] ?? "";
  return match;
}

/** "1" alone says nothing: "loadpoint 1". */
function named(key: string, value: string): string {
  return /^\d{1,3}$/.test(value) ? `${key} ${value}` : value;
}

function titleOf(labels: Labels, identity: string): string {
  const value = labels[identity] ?? "";
  const model = identity === "id" ? labels["model"] ?? labels["model_id"] ?? "" : "";
  return model ? `${model} ${value}` : named(identity, value);
}

/** The device (or entity, node, topic path...) that a series belongs to. */
export function placeOf(labels: Labels): Place {
  if (labels["service"] && labels["instance"]) {
    const keys = ["portal", "service", "instance"].filter((key) => labels[key]);
    const title = `${labels["service"]} ${labels["instance"]}`;
    return { key: `${title}\u0001${labels["portal"] ?? ""}`, title, context: labels["portal"] ?? "", match: takeMatch(labels, keys) };
  }
  const identity = IDENTITY.find((key) => labels[key]);
  if (!identity) {
    const name = metricName(labels);
    return { key: `=${name}`, title: name, context: "", match: { [NAME]: name } };
  }
  // Sparkplug's devices belong to a node; elsewhere a node is a part of a device.
  const places = labels["group"] ? [...CONTEXT, "node"] : CONTEXT;
  const context = places.filter((key) => key !== identity && labels[key]);
  const match = takeMatch(labels, [identity, ...context]);
  const title = titleOf(labels, identity);
  const where = context.map((key) => labels[key] ?? "").filter((text) => text !== title);
  return { key: [title, identity, ...where].join("\u0001"), title, context: where.join(" · "), match };
}

// Names that run together or have a spelling of their own.
const SPELLINGS: Record<string, string> = {
  linkquality: "link quality", co2: "CO₂", voc: "VOC", rssi: "RSSI", lqi: "LQI", snr: "SNR", pm25: "PM2.5",
  pm10: "PM10", l1: "L1", l2: "L2", l3: "L3", ac: "AC", dc: "DC", pv: "PV", cpu: "CPU", uv: "UV", soc: "state of charge",
};

export function humanise(name: string): string {
  const words = name.replace(/[_./:-]+/g, " ").trim().split(" ");
  const text = words.map((word) => SPELLINGS[word.toLowerCase()] ?? word).join(" ");
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : name;
}

/** Labels that tell a series from its device's others. */
function ownKeys(labels: Labels): string[] {
  const place = placeOf(labels);
  return Object.keys(labels).sort().filter((key) => (
    !NOISE.has(key) && !(key in place.match) && !repeats(labels[key] ?? "", place.title, metricName(labels))));
}

/** Whether a value is made of the device's name and the metric's: `kitchen_climate_temperature`. */
function repeats(value: string, device: string, metric: string): boolean {
  const words = (text: string): string[] => text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
  const known = new Set([...words(device), ...words(metric)]);
  return words(value).every((word) => known.has(word));
}

function withLabels(base: string, labels: Labels, keys: string[]): string {
  const values = keys.filter((key) => labels[key]).map((key) => named(key, labels[key] ?? ""));
  return [base, ...values].join(" · ");
}

/** The series' name within its device: metric and all labels of its own. */
export function seriesTitle(labels: Labels): string {
  return withLabels(humanise(metricName(labels)), labels, ownKeys(labels));
}

/** Device and metric, without the labels that only tell twins apart. */
export function shortTitle(labels: Labels): string {
  const place = placeOf(labels);
  const metric = humanise(metricName(labels));
  return place.key.startsWith("=") ? metric : `${place.title} · ${metric}`;
}

export function fullTitle(labels: Labels): string {
  return withLabels(shortTitle(labels), labels, ownKeys(labels));
}

/** Names for a list: `base` of each, and where that is the same, the labels that differ. */
export function distinguish(list: Labels[], base: (labels: Labels) => string): string[] {
  const names = list.map(base);
  const twins = new Map<string, Labels[]>();
  list.forEach((labels, index) => {
    const name = names[index] ?? "";
    const same = twins.get(name);
    if (same) same.push(labels);
    else twins.set(name, [labels]);
  });
  return list.map((labels, index) => {
    const same = twins.get(names[index] ?? "") ?? [];
    if (same.length < 2) return names[index] ?? "";
    const keys = [...new Set(same.flatMap((one) => Object.keys(one)))].sort();
    const differing = keys.filter((key) => new Set(same.map((one) => one[key])).size > 1);
    const telling = differing.filter((key) => !NOISE.has(key));
    return withLabels(names[index] ?? "", labels, telling.length > 0 ? telling : differing);
  });
}

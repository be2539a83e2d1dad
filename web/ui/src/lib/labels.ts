// SPDX-License-Identifier: MIT
// A series' labels: its identity, its PromQL selector, and how it is named to people.

export type Labels = Record<string, string>;

const NAME = "__name__";
const IDENTIFIER = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

// The label that names the thing a series belongs to, best first.
export const IDENTITY = [
  "device", "entity", "friendly_name", "node", "unit_id", "camera", "vehicle", "loadpoint",
  "sensor", "id", "host", "instance", "job", "path",
];
// Labels that place the thing; they stand beside its name.
const CONTEXT = ["area", "site", "line", "group", "portal", "application", "gateway", "domain"];
// Labels that say nothing about which of a device's series this is.
const NOISE = new Set([
  NAME, "broker", "area", "manufacturer", "model", "model_id", "unique_id", "dev_eui", "path",
  ...CONTEXT,
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

/** The device (or entity, node, topic path...) that a series belongs to. */
export function placeOf(labels: Labels): Place {
  if (labels["service"] && labels["instance"]) {
    const keys = ["portal", "service", "instance"].filter((key) => labels[key]);
    const title = `${labels["service"]} ${labels["instance"]}`;
    return { key: title, title, context: labels["portal"] ?? "", match: takeMatch(labels, keys) };
  }
  const identity = IDENTITY.find((key) => labels[key]);
  if (!identity) {
    const name = metricName(labels);
    return { key: `=${name}`, title: name, context: "", match: { [NAME]: name } };
  }
  const context = CONTEXT.filter((key) => key !== identity && labels[key]);
  const match = takeMatch(labels, [identity, ...context]);
  const title = labels[identity] ?? "";
  const where = context.map((key) => labels[key] ?? "").filter((text) => text !== title);
  return { key: [title, identity, ...where].join("\u0001"), title, context: where.join(" · "), match };
}

// Names that run together or have a spelling of their own.
const SPELLINGS: Record<string, string> = {
  linkquality: "link quality", co2: "CO₂", voc: "VOC", rssi: "RSSI", lqi: "LQI", snr: "SNR", pm25: "PM2.5",
  pm10: "PM10", ac: "AC", dc: "DC", pv: "PV", cpu: "CPU", uv: "UV", soc: "state of charge",
};

export function humanise(name: string): string {
  const words = name.replace(/[_./:-]+/g, " ").trim().split(" ");
  const text = words.map((word) => SPELLINGS[word.toLowerCase()] ?? word).join(" ");
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : name;
}

/** The series' name within its group: metric, then the labels that tell it from its neighbours. */
export function seriesTitle(labels: Labels): string {
  const place = placeOf(labels);
  const extra = Object.keys(labels).sort()
    .filter((key) => !NOISE.has(key) && !(key in place.match))
    .map((key) => labels[key] ?? "");
  return [humanise(metricName(labels)), ...extra].join(" · ");
}

export function fullTitle(labels: Labels): string {
  const place = placeOf(labels);
  const own = seriesTitle(labels);
  return place.key.startsWith("=") ? own : `${place.title} · ${own}`;
}

// SPDX-License-Identifier: MIT
// What a metric measures, judged by its name and unit: picks the tile's icon and colour, the words
// of on/off values, and a unit where the server knows none.

export interface Kind {
  icon: string;
  /** Number of the series colour, 1..8; see style/tokens.css. */
  color: number;
  /** Words for 0 and 1 of a two-state value. */
  words?: [string, string];
  /** Later ones stand further back within a device: 0 = what people look for first. */
  rank?: number;
}

const TABLE: Array<[RegExp, Kind]> = [
  [/(^|_)(occupancy|motion|presence|vibration)$/, { icon: "motion", color: 5, words: ["clear", "detected"] }],
  [/(^|_)(water_leak|leak|smoke|gas_alarm|tamper|alarm)$/, { icon: "alert", color: 4, words: ["clear", "detected"] }],
  [/(^|_)contact$/, { icon: "door", color: 2, words: ["open", "closed"] }],
  [/(^|_)(door|window|opening)$/, { icon: "door", color: 2, words: ["closed", "open"] }],
  [/(^|_)lock$/, { icon: "lock", color: 8, words: ["unlocked", "locked"], rank: 2 }],
  [/(^|_)(available|availability|online|connected|status|reachable)$/, { icon: "link", color: 3, words: ["offline", "online"], rank: 2 }],
  [/(^|_)(up)$/, { icon: "link", color: 3, words: ["down", "up"] }],
  [/(^|_)(state|relay|switch|output|power_state|light|plug|heating|enabled|input|ison)(_?\d+)?$/, { icon: "switch", color: 2, words: ["off", "on"] }],
  [/battery|soc$|charge/, { icon: "battery", color: 3, rank: 3 }],
  [/temp|dew_?point|(^|_)t[cf]$/, { icon: "temperature", color: 4, rank: -1 }],
  [/humid|moisture|(^|_)rh$/, { icon: "drop", color: 1 }],
  [/pressure|baro/, { icon: "gauge", color: 5 }],
  [/illumin|lux|brightness|irradian|solar|(^|_)pv|uv_?index/, { icon: "sun", color: 7 }],
  [/volt|current|ampere/, { icon: "bolt", color: 6, rank: 2 }],
  [/power|energy|watt|kwh|consum|yield|(^|_)(a|ap)energy/, { icon: "bolt", color: 2 }],
  [/link_?quality|rssi|lqi|signal|snr|wifi/, { icon: "signal", color: 8, rank: 4 }],
  [/wind|speed|fan|rpm|flow/, { icon: "wind", color: 6 }],
  [/co2|voc|pm_?\d|air_?quality|particul/, { icon: "cloud", color: 8 }],
  [/water|level|volume|rain/, { icon: "drop", color: 6 }],
  [/uptime|duration|interval|(^|_)time|(^|_)age$|last_seen/, { icon: "clock", color: 8, rank: 5 }],
  [/count|total|messages|requests|bytes|memory|disk|cpu|heap/, { icon: "bars", color: 1, rank: 2 }],
];

const BY_UNIT: Array<[RegExp, Kind]> = [
  [/^°[CF]$/, { icon: "temperature", color: 4, rank: -1 }],
  [/^[kM]?Wh?$|^VA/, { icon: "bolt", color: 2 }],
  [/^m?[VA]$/, { icon: "bolt", color: 6, rank: 2 }],
  [/^(h?Pa|m?bar)$/, { icon: "gauge", color: 5 }],
  [/^lx$/, { icon: "sun", color: 7 }],
  [/^(dBm?|lqi)$/, { icon: "signal", color: 8, rank: 4 }],
];

const FALLBACK: Kind = { icon: "wave", color: 1, rank: 1 };

export function kindOf(metric: string, unit: string): Kind {
  const name = metric.toLowerCase();
  // The unit knows better: current_heating_setpoint in °C is no current.
  const byUnit = unit ? BY_UNIT.find(([pattern]) => pattern.test(unit)) : undefined;
  const byName = TABLE.find(([pattern]) => pattern.test(name));
  return (byUnit ?? byName)?.[1] ?? FALLBACK;
}

const UNIT_BY_SUFFIX: Array<[RegExp, string]> = [
  [/_(celsius|c)$/, "°C"], [/_(fahrenheit|f)$/, "°F"], [/_(percent|pct)$/, "%"], [/_hpa$/, "hPa"],
  [/_(watts?|w)$/, "W"], [/_kwh$/, "kWh"], [/_wh$/, "Wh"], [/_volts?$/, "V"], [/_amperes?$/, "A"],
  [/_bytes(_total)?$/, "B"], [/_seconds(_total)?$/, "s"], [/_hz$/, "Hz"], [/_dbm?$/, "dB"],
];

/** The unit a metric's name ends with, for series the server knows no unit of. */
export function unitFromName(metric: string): string {
  const name = metric.toLowerCase();
  return UNIT_BY_SUFFIX.find(([pattern]) => pattern.test(name))?.[1] ?? "";
}

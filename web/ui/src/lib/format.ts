// SPDX-License-Identifier: MIT
// Numbers and units as people read them.

const UNIT_NAMES: Record<string, string> = {
  celsius: "°C", degc: "°C", "deg c": "°C", fahrenheit: "°F", percent: "%", ratio: "", watts: "W",
  watt: "W", volts: "V", volt: "V", amperes: "A", ampere: "A", amps: "A", hertz: "Hz", seconds: "s",
  second: "s", bytes: "B", lux: "lx", pascals: "Pa", hectopascals: "hPa", joules: "J", none: "",
};

export function unitText(unit: string): string {
  return UNIT_NAMES[unit.toLowerCase()] ?? unit;
}

const formats = new Map<string, Intl.NumberFormat>();
function withDecimals(value: number, most: number, least = 0): string {
  const key = `${most}/${least}`;
  let format = formats.get(key);
  if (!format) {
    const minimumFractionDigits = Math.min(least, 6);
    const maximumFractionDigits = Math.max(most, minimumFractionDigits);
    format = new Intl.NumberFormat("en-GB", { maximumFractionDigits, minimumFractionDigits });
    formats.set(key, format);
  }
  return format.format(value).replace(/,/g, "\u202f").replace(/^-/, "\u2212");
}

/** About four significant digits: 21.38, 1 013.2, 3.1e-7. Integers keep all their digits to 1e12. */
export function number(value: number, minDecimals = 0): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "\u2212∞";
  const size = Math.abs(value);
  if (size >= 1e12 || (size > 0 && size < 1e-4)) {
    return value.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e");
  }
  return withDecimals(value, decimalsFor(value), minDecimals);
}

/** The most decimals that `number` shows of a value of this size. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return 0;
  if (size >= 100) return 1;
  if (size >= 1) return 2;
  return Math.min(6, 2 - Math.floor(Math.log10(size)));
}

/** Decimals that `number` really shows. */
export function decimalsIn(text: string): number {
  const point = text.indexOf(".");
  return point < 0 || text.includes("e") ? 0 : text.length - point - 1;
}

/** Every digit that the double holds, for tables, tooltips' titles and files. */
export function exact(value: number): string {
  return String(value);
}

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : 1)} ${units[unit]}`;
}

export function count(value: number): string {
  return withDecimals(Math.round(value), 0);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${Math.round(value) === 1 ? one : many}`;
}

export function rate(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : count(value);
}

export function collate(a: string, b: string): number {
  return collator.compare(a, b);
}
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

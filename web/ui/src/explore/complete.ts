// SPDX-License-Identifier: MIT
// What may stand at the cursor of a PromQL expression.
import { AGGREGATORS, FUNCTIONS, KEYWORDS } from "./functions";

export interface Vocabulary {
  metrics: string[];
  labelNames: (metric: string) => string[];
  labelValues: (metric: string, label: string) => string[];
}

export interface Item {
  text: string;
  kind: "metric" | "function" | "aggregator" | "keyword" | "label" | "value";
  /** Inserted after the text; the cursor goes to its "|". */
  suffix: string;
}
export interface Completion {
  from: number;
  to: number;
  items: Item[];
}

const MAX_ITEMS = 40;

/** Where the cursor is: in which brackets, in a string or not. */
interface Place {
  inString: boolean;
  stringStart: number;
  /** Start of the innermost open `{`, or -1. */
  brace: number;
  /** Start of the innermost open `(`, or -1. */
  paren: number;
}

export function placeAt(text: string, cursor: number): Place {
  const place: Place = { inString: false, stringStart: -1, brace: -1, paren: -1 };
  const parens: number[] = [];
  let quote = "";
  for (let at = 0; at < cursor; at += 1) {
    const character = text[at] ?? "";
    if (quote) {
      if (character === "\\" && quote !== "`") at += 1;
      else if (character === quote) quote = "";
      continue;
    }
    if (character === '"' || character === "'" || character === "`") {
      quote = character;
      place.stringStart = at + 1;
    } else if (character === "{") place.brace = at;
    else if (character === "}") place.brace = -1;
    else if (character === "(") parens.push(at);
    else if (character === ")") parens.pop();
  }
  place.inString = quote !== "";
  place.paren = parens[parens.length - 1] ?? -1;
  return place;
}

/** Beginnings of words count more than beginnings of parts, and those more than any place. */
export function rank(candidate: string, typed: string): number {
  const name = candidate.toLowerCase();
  const want = typed.toLowerCase();
  if (!want) return 1;
  if (name === want) return 5;
  if (name.startsWith(want)) return 4;
  if (name.split(/[_:.\-/ ]/).some((part) => part.startsWith(want))) return 3;
  return name.includes(want) ? 2 : 0;
}

function best(items: Item[], typed: string): Item[] {
  return items
    .map((item) => ({ item, score: rank(item.text, typed) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.item.text.length - b.item.text.length
      || (a.item.text < b.item.text ? -1 : 1))
    .slice(0, MAX_ITEMS)
    .map(({ item }) => item);
}

function metricBefore(text: string, brace: number): string {
  return /([A-Za-z_:][\w:]*)\s*$/.exec(text.slice(0, brace))?.[1] ?? "";
}

function isGrouping(text: string, paren: number): boolean {
  return paren >= 0 && /\b(by|without|on|ignoring|group_left|group_right)\s*$/.test(text.slice(0, paren));
}

function expressionItems(words: Vocabulary): Item[] {
  const call = (kind: Item["kind"]) => (text: string): Item => ({ text, kind, suffix: "(|)" });
  return [
    ...words.metrics.map((text): Item => ({ text, kind: "metric", suffix: "" })),
    ...FUNCTIONS.map(call("function")),
    ...AGGREGATORS.map(call("aggregator")),
    ...KEYWORDS.map((text): Item => ({ text, kind: "keyword", suffix: " " })),
  ];
}

export function complete(text: string, cursor: number, words: Vocabulary): Completion | null {
  const place = placeAt(text, cursor);
  if (place.inString) {
    if (place.brace < 0) return null;
    const label = /([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*$/.exec(text.slice(0, place.stringStart - 1))?.[1];
    if (!label) return null;
    const values = words.labelValues(metricBefore(text, place.brace), label);
    const items = values.map((value): Item => (
      { text: value.replace(/\\/g, "\\\\").replace(/"/g, '\\"'), kind: "value", suffix: "" }));
    return { from: place.stringStart, to: cursor, items: best(items, text.slice(place.stringStart, cursor)) };
  }
  const typed = /[A-Za-z_:][\w:]*$/.exec(text.slice(0, cursor))?.[0] ?? "";
  const from = cursor - typed.length;
  if (place.brace >= 0 || isGrouping(text, place.paren)) {
    const metric = place.brace >= 0 ? metricBefore(text, place.brace) : "";
    const suffix = place.brace >= 0 ? '="|"' : "";
    const items = words.labelNames(metric).map((name): Item => ({ text: name, kind: "label", suffix }));
    return { from, to: cursor, items: best(items, typed) };
  }
  // A duration ("5m") or a number is no word.
  if (!typed || /[\d.]$/.test(text.slice(0, from)) || /\[[^\]]*$/.test(text.slice(0, cursor))) return null;
  return { from, to: cursor, items: best(expressionItems(words), typed) };
}

/** The text after choosing an item, and where the cursor then is. */
export function applyItem(text: string, completion: Completion, item: Item): { text: string; cursor: number } {
  const at = item.suffix.indexOf("|");
  const suffix = item.suffix.replace("|", "");
  const after = text.slice(completion.to);
  const needed = suffix && after.startsWith(suffix[0] ?? "") ? "" : suffix;
  const before = text.slice(0, completion.from) + item.text;
  const cursor = before.length + (needed ? (at >= 0 ? at : needed.length) : 0);
  return { text: before + needed + after, cursor };
}

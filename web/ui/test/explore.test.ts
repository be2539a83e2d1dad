// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";

import { applyItem, complete, placeAt, rank, type Vocabulary } from "../src/explore/complete";

const WORDS: Vocabulary = {
  metrics: ["temperature", "device_temperature", "power"],
  labelNames: (metric) => (metric === "power" ? ["channel", "device"] : ["device"]),
  labelValues: (_metric, label) => (label === "device" ? ["kitchen", 'the "old" one'] : []),
};

function offered(text: string): string[] {
  const cursor = text.indexOf("|");
  return complete(text.replace("|", ""), cursor, WORDS)?.items.map((item) => item.text) ?? [];
}

test("metrics, functions and aggregators are offered for a word", () => {
  assert.deepEqual(offered("temp|").slice(0, 2), ["temperature", "device_temperature"]);
  assert.ok(offered("rate(tem|").includes("temperature"));
  assert.deepEqual(offered("avg_o|"), ["avg_over_time"]);
  assert.deepEqual(offered("|"), []);
});

test("labels are offered in braces and groupings, their values in strings", () => {
  assert.deepEqual(offered("power{ch|}"), ["channel"]);
  assert.deepEqual(offered('power{channel="1",|'), ["device", "channel"].sort((a, b) => a.length - b.length));
  assert.deepEqual(offered("sum by (dev|"), ["device"]);
  assert.deepEqual(offered('power{device="ki|'), ["kitchen"]);
  assert.deepEqual(offered('power{device=~"old|'), ['the \\"old\\" one']);
  assert.deepEqual(offered('label_replace("po|'), []);
});

test("durations and numbers are not completed", () => {
  assert.deepEqual(offered("rate(power[5m|"), []);
  assert.deepEqual(offered("power > 10e|"), []);
});

test("brackets inside strings do not count", () => {
  assert.equal(placeAt('a{b="}"', 7).brace, 1);
  assert.equal(placeAt('a{b="{"} + x', 12).brace, -1);
});

test("choosing an item puts the cursor where typing goes on", () => {
  const found = complete("ra", 2, WORDS);
  const item = found?.items.find(({ text }) => text === "rate");
  assert.ok(found && item);
  assert.deepEqual(applyItem("ra", found, item), { text: "rate()", cursor: 5 });
  const inside = complete("power{ch}", 8, WORDS);
  assert.ok(inside?.items[0]);
  assert.deepEqual(applyItem("power{ch}", inside, inside.items[0]), { text: 'power{channel=""}', cursor: 15 });
});

test("nearer matches come first", () => {
  assert.ok(rank("temperature", "temp") > rank("device_temperature", "temp"));
  assert.ok(rank("device_temperature", "temp") > rank("attempts", "temp"));
  assert.equal(rank("power", "x"), 0);
});

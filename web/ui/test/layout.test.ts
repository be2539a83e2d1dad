// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";

import { groupSeries, layOut, matches, totalHeight, visibleBands, type Group } from "../src/home/layout";
import type { Series } from "../src/state/series";

const METRICS = { columns: 4, tileHeight: 100, gap: 10, titleHeight: 40 };

function group(key: string, size: number): Group {
  const members = Array.from({ length: size }, (_, index) => ({ key: `${key}${index}` }) as Series);
  return { key, title: key, context: "", members };
}

test("every series stands in exactly one band, and bands do not overlap", () => {
  const groups = [group("a", 3), group("b", 2), group("c", 1), group("d", 40), group("e", 4)];
  const bands = layOut(groups, METRICS);
  const seen = bands.flatMap((band) => band.sections.flatMap((section) => section.members.map((one) => one.key)));
  assert.equal(seen.length, 50);
  assert.equal(new Set(seen).size, 50);
  let top = 0;
  for (const band of bands) {
    assert.equal(band.top, top);
    assert.ok(band.sections.reduce((sum, section) => sum + section.span, 0) <= METRICS.columns);
    top += band.height;
  }
  assert.equal(totalHeight(bands), top);
});

test("metrics of no device stand together, after the devices", () => {
  const of = (metric: string, device?: string) => ({
    key: metric, metric, title: metric, kind: {}, labels: {},
    place: device ? { key: device, title: device, context: "" } : { key: `=${metric}`, title: metric, context: "" },
  }) as unknown as Series;
  const groups = groupSeries([of("sys_a"), of("sys_b"), of("up"), of("t", "zz 10"), of("t", "zz 9")], "device");
  assert.deepEqual(groups.map((one) => [one.title, one.members.length]), [
    ["zz 9", 1], ["zz 10", 1], ["Broker ($SYS)", 2], ["Up", 1]]);
});

test("small groups share a band; a later one that fits comes forward", () => {
  const bands = layOut([group("a", 3), group("b", 2), group("c", 1)], METRICS);
  assert.deepEqual(bands.map((band) => band.sections.map((section) => section.group.key)), [["a", "c"], ["b"]]);
});

test("only bands near the view are shown", () => {
  const bands = layOut(Array.from({ length: 500 }, (_, index) => group(`g${index}`, 4)), METRICS);
  const [first, last] = visibleBands(bands, 3000, 4000);
  assert.ok(last - first < 10);
  assert.ok((bands[first]?.top ?? 0) <= 3000);
  assert.deepEqual(visibleBands([], 0, 100), [0, 0]);
});

test("all words must occur, a word after - must not", () => {
  const series = { haystack: "power tv living room" } as Series;
  assert.ok(matches(series, "TV pow"));
  assert.ok(!matches(series, "tv -living"));
  assert.ok(matches(series, ""));
});

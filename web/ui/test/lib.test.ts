// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";

import { appendSample, gapLimit, statsOf, toColumns, usualInterval, type ChartSeries } from "../src/chart/data";
import { toCsv } from "../src/chart/csv";
import { pinchSpan, shifted, zoomed } from "../src/chart/gestures";
import { nearest, pointAt } from "../src/chart/values";
import { pathOf, runs } from "../src/home/sparkline";
import { bytes, number } from "../src/lib/format";
import { kindOf, unitFromName } from "../src/lib/kinds";
import { distinguish, humanise, placeOf, selector, seriesTitle } from "../src/lib/labels";
import { age, isLive, niceStep, parseTime, resolve } from "../src/lib/time";

test("a selector names exactly its series and can be used as an address", () => {
  assert.equal(selector({ __name__: "power", device: "tv", a: "x\"y\\z\n" }), 'power{a="x\\"y\\\\z\\n",device="tv"}');
  assert.equal(selector({ __name__: "room.temp", b: "1" }), '{__name__="room.temp",b="1"}');
  assert.equal(selector({ __name__: "up" }), "up");
  assert.equal(selector({}), "{}");
  assert.equal(selector({ __name__: "m", "a.b": "1" }), 'm{"a.b"="1"}');
});

test("series are grouped by the best label that names a thing", () => {
  assert.equal(placeOf({ __name__: "t", device: "kitchen", entity: "x" }).title, "kitchen");
  assert.deepEqual(placeOf({ __name__: "t", device: "pump", group: "hall", node: "n1" }).match,
    { device: "pump", group: "hall", node: "n1" });
  assert.equal(placeOf({ __name__: "t", service: "battery", instance: "512", portal: "c0" }).title, "battery 512");
  assert.deepEqual(placeOf({ __name__: "t", path: "a/b" }).match, { path: "a/b" });
  assert.deepEqual(placeOf({ __name__: "up" }).match, { __name__: "up" });
  assert.equal(placeOf({ __name__: "t", model: "Acurite", id: "77", gateway: "pi" }).title, "Acurite 77");
  assert.equal(placeOf({ __name__: "t", loadpoint: "1" }).title, "loadpoint 1");
  const press = placeOf({ __name__: "rpm", group: "Plant1", node: "EdgeA", device: "Press1" });
  assert.deepEqual([press.title, press.context], ["Press1", "Plant1 · EdgeA"]);
  assert.equal(placeOf({ __name__: "t", device: "car", node: "engine" }).context, "");
});

test("of twins the labels that differ are told, of others none", () => {
  const list = [
    { __name__: "power", device: "em", channel: "0", gateway: "g" }, { __name__: "power", device: "em", channel: "1", gateway: "g" },
    { __name__: "voltage", device: "em", channel: "0", gateway: "g" }];
  assert.deepEqual(distinguish(list, (labels) => labels.__name__), ["power · channel 0", "power · channel 1", "voltage"]);
});

test("a title says what the group does not", () => {
  assert.equal(seriesTitle({ __name__: "power", device: "em3", channel: "2", broker: "local" }), "Power · channel 2");
  assert.equal(seriesTitle({ __name__: "state", device: "em3", component: "switch" }), "State · switch");
  assert.equal(seriesTitle({ __name__: "temperature", device: "kitchen-climate", entity: "kitchen_climate_temperature" }), "Temperature");
  assert.equal(humanise("device_temperature"), "Device temperature");
  assert.equal(humanise("linkquality"), "Link quality");
});

test("times of the address are read", () => {
  const now = new Date(2026, 4, 31, 14, 30).getTime();
  assert.equal(parseTime("now", now), now);
  assert.equal(parseTime("now-6h", now), now - 6 * 3600e3);
  assert.equal(parseTime("now/d", now), new Date(2026, 4, 31).getTime());
  assert.equal(parseTime("1700000000000", now), 1700000000000);
  for (const bad of ["", "yesterday", "now-", "now-6x", "-5", "1e9", "now-6h-3h"]) assert.equal(parseTime(bad, now), null);
});

test("a range is never empty or backwards", () => {
  const span = resolve({ from: "now", to: "now-1h" }, 1e12);
  assert.ok(span.fromMs < span.toMs);
  assert.ok(isLive({ from: "now-1h", to: "now" }));
  assert.ok(!isLive({ from: "0", to: "1" }));
});

test("steps are readable and give at most the wanted points", () => {
  const day = { fromMs: 0, toMs: 86400e3 };
  assert.equal(niceStep(day, 1000), 120);
  assert.ok(86400 / niceStep(day, 300) <= 300);
  assert.equal(niceStep({ fromMs: 0, toMs: 1000 * 365 * 86400e3 }, 10) % 86400, 0);
});

test("ages are short", () => {
  assert.equal(age(500), "now");
  assert.equal(age(42e3), "42 s");
  assert.equal(age(12 * 60e3), "12 min");
  assert.equal(age(3 * 86400e3), "3 d");
});

test("numbers keep about four digits", () => {
  assert.equal(number(21.3749), "21.37");
  assert.equal(number(1013.25), "1\u202f013.3");
  assert.equal(number(0.00123), "0.00123");
  assert.equal(number(-5), "\u22125");
  assert.equal(number(NaN), "NaN");
  assert.equal(number(Infinity), "∞");
  assert.equal(number(3.1e-7), "3.1e-7");
  assert.equal(number(123456789), "123\u202f456\u202f789");
  assert.equal(number(21.3, 2), "21.30");
  assert.equal(bytes(1536), "1.50 KiB");
});

test("kinds and units follow the name", () => {
  assert.deepEqual(kindOf("water_leak", "").words, ["clear", "detected"]);
  assert.equal(kindOf("something", "°C").icon, "temperature");
  assert.equal(kindOf("current_heating_setpoint", "°C").icon, "temperature");
  assert.equal(kindOf("messages_stored", "").icon, "bars");
  assert.equal(kindOf("zzz", "").icon, "wave");
  assert.equal(unitFromName("core_temp_celsius"), "°C");
  assert.equal(unitFromName("music"), "");
});

function seriesOf(t: number[], v: number[], maxGapMs = 3500): ChartSeries {
  return { key: "k", labels: { __name__: "k" }, mean: { t, v }, maxGapMs };
}

test("a stretch without samples is a gap, and so is NaN", () => {
  const one = seriesOf([0, 1000, 2000, 9000, 10000, 11000], [1, 2, 3, 4, NaN, 6]);
  const { times, columns } = toColumns({ series: [one], stepSeconds: 0, span: { fromMs: 0, toMs: 11000 } });
  assert.deepEqual(times, [0, 1, 2, 2.001, 9, 10, 11]);
  assert.deepEqual(columns, [[1, 2, 3, null, 4, null, 6]]);
});

test("series of different times share an axis without breaking each other's lines", () => {
  const data = {
    series: [seriesOf([0, 2000], [1, 2]), seriesOf([1000, 3000], [5, 6])], stepSeconds: 0,
    span: { fromMs: 0, toMs: 3000 },
  };
  assert.deepEqual(toColumns(data).columns, [[1, undefined, 2, undefined], [undefined, 5, undefined, 6]]);
});

test("the gap limit follows the usual interval", () => {
  assert.equal(usualInterval([0, 10, 20, 30, 400]), 10);
  assert.equal(gapLimit([0, 60e3, 120e3], 0), 210e3);
  assert.equal(gapLimit([], 5000), 7500);
});

test("live samples extend raw series and update the newest step", () => {
  const raw = seriesOf([0], [1]);
  assert.ok(appendSample(raw, 0, 1000, 2));
  assert.ok(!appendSample(raw, 0, 1000, 3));
  assert.ok(!appendSample(raw, 0, 2000, NaN));
  assert.deepEqual(raw.mean, { t: [0, 1000], v: [1, 2] });
  const stepped: ChartSeries = { ...seriesOf([5000], [2]), low: { t: [5000], v: [1] }, high: { t: [5000], v: [3] } };
  assert.ok(appendSample(stepped, 10, 9000, 7));
  assert.deepEqual(stepped.high?.v, [7]);
  assert.ok(appendSample(stepped, 10, 11000, 0));
  assert.deepEqual(stepped.mean.t, [5000, 15000]);
});

test("figures count the shown range only", () => {
  const stats = statsOf(seriesOf([0, 1000, 2000], [100, 1, 3]), { fromMs: 500, toMs: 2500 });
  assert.deepEqual({ ...stats }, { min: 1, max: 3, mean: 2, last: 3, lastT: 2000, count: 2 });
});

test("the nearest point is found, and none within a gap", () => {
  assert.equal(nearest([0, 10, 20], 14), 1);
  assert.equal(nearest([], 14), -1);
  const one = seriesOf([0, 1000, 60000], [1, 2, 3]);
  assert.equal(pointAt(one, 1200)?.mean, 2);
  assert.equal(pointAt(one, 30000), null);
});

test("pinching keeps the times under the fingers", () => {
  assert.deepEqual(pinchSpan([100, 200], [0, 100], 300), { fromMs: 100, toMs: 400 });
  assert.equal(pinchSpan([100, 200], [50, 55], 300), null);
  assert.deepEqual(zoomed({ fromMs: 0, toMs: 1000 }, 0.5, 0.5), { fromMs: 250, toMs: 750 });
  assert.deepEqual(shifted({ fromMs: 0, toMs: 1000 }, 0.5), { fromMs: 500, toMs: 1500 });
});

test("a sparkline leaves gaps open and shows a lone point", () => {
  assert.deepEqual(runs({ t: [0, 1, 9, 10], v: [1, 1, 1, NaN] }, 3), [[0, 1], [2, 2]]);
  const { line } = pathOf({ t: [0], v: [1] }, 1000, 1000, false);
  assert.match(line, /^M0\.0 20\.0h2$/);
});

test("a CSV file holds the drawn points", () => {
  const one = seriesOf([0, 1000], [1, 2.5]);
  one.key = 'm{a="1,2"}';
  const text = toCsv({ series: [one], stepSeconds: 0, span: { fromMs: 0, toMs: 1000 } });
  assert.equal(text, 'time,"m{a=""1,2""}"\n1970-01-01T00:00:00.000Z,1\n1970-01-01T00:00:01.000Z,2.5\n');
});

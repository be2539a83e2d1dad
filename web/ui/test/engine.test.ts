// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";

import { labelsOf } from "../src/chart/lines";
import { byLabel, parseExposition, perSecond, total } from "../src/engine/metrics";

const TEXT = `# HELP m_total Things.
# TYPE m_total counter
m_total{db="main",reason="a \\"b\\""} 10
m_total{db="other",reason="c"} 5 1700000000000
plain 3.5e2
inf +Inf
`;

test("the exposition format is read", () => {
  const families = parseExposition(TEXT);
  assert.equal(families.get("m_total")?.type, "counter");
  assert.equal(families.get("m_total")?.help, "Things.");
  assert.equal(families.get("m_total")?.metrics[0]?.labels["reason"], 'a "b"');
  assert.equal(total(families, "m_total"), 15);
  assert.equal(total(families, "m_total", { db: "other" }), 5);
  assert.equal(total(families, "missing"), null);
  assert.equal(total(families, "plain"), 350);
  assert.equal(total(families, "inf"), Infinity);
  assert.deepEqual(byLabel(families, "m_total", "db"), [["main", 10], ["other", 5]]);
});

test("rates need two snapshots and no restart between them", () => {
  const at = (t: number, value: number) => ({ t, families: parseExposition(`x ${value}`) });
  assert.equal(perSecond(at(0, 10), at(2000, 20), "x"), 5);
  assert.equal(perSecond(at(0, 10), at(2000, 3), "x"), null);
  assert.equal(perSecond(at(0, 10), at(0, 20), "x"), null);
});

test("results of a query are named by the label that tells them apart", () => {
  assert.deepEqual(labelsOf([{ area: "hall", device: "a" }, { area: "hall", device: "b" }]), ["a", "b"]);
  assert.deepEqual(labelsOf([{}]), ["value"]);
});

// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Topic } from "../src/topics/api";
import { hexDump, preview, showPayload } from "../src/topics/payload";
import { buildTree, filterTopics, initiallyOpen, openRows, parentIndex, pathTo } from "../src/topics/tree";

function topic(name: string, more: Partial<Topic> = {}): Topic {
  return {
    topic: name, broker: "b", messages: 1, rate: 0.5, last_ms: 1, retained: false, qos: 0, payload_bytes: 1,
    payload: "1", truncated: false, rule: "generic", samples: 1, dropped: "", ...more,
  };
}

test("levels that lead to one topic only are one row, and sums go up", () => {
  const root = buildTree([topic("a/b/c"), topic("a/b/d", { messages: 4 }), topic("x/y/z")], false);
  const rows = openRows(root, () => true);
  assert.deepEqual(rows.map((node) => [node.depth, node.name, node.messages]), [
    [0, "a/b", 5], [1, "c", 1], [1, "d", 4], [0, "x/y/z", 1]]);
  assert.equal(parentIndex(rows, 2), 0);
  assert.deepEqual(pathTo(root, "a/b/d").map((node) => node.path), ["a/b"]);
  assert.deepEqual(pathTo(root, "nowhere"), []);
});

test("a topic may have messages and children", () => {
  const rows = openRows(buildTree([topic("a"), topic("a/b")], false), () => true);
  assert.deepEqual(rows.map((node) => [node.name, node.topic?.topic]), [["a", "a"], ["b", "a/b"]]);
});

test("topics with empty levels stay apart", () => {
  const rows = openRows(buildTree([topic("/a"), topic("a"), topic("a/")], false), () => true);
  assert.equal(rows.filter((node) => node.topic).length, 3);
});

test("what is meant not to be stored is no problem", () => {
  const list = [topic("a"), topic("b", { samples: 0, dropped: "metadata" }), topic("c", { samples: 0, dropped: "unmapped" })];
  assert.deepEqual(filterTopics(list, "", "unstored").map((one) => one.topic), ["c"]);
  assert.deepEqual(filterTopics(list, "B", "all").map((one) => one.topic), ["b"]);
});

test("a large tree starts closed", () => {
  const many = Array.from({ length: 100 }, (_, index) => topic(`dev${index}/x`));
  assert.equal(initiallyOpen(buildTree([...many, topic("dev1/y")], false)).size, 0);
});

test("payloads are shown by what they are", () => {
  assert.equal(showPayload({ payload: '{"a":1}' }).text, '{\n  "a": 1\n}');
  assert.equal(showPayload({ payload: "{broken" }).kind, "text");
  assert.equal(showPayload({ payload: "" }).kind, "empty");
  assert.equal(showPayload({ payload_b64: "/9g=" }).kind, "binary");
  assert.match(hexDump(Uint8Array.of(0x41, 0xff)), /^0000 {2}41 ff +A·$/);
  assert.equal(preview(topic("a", { payload: "x\n  y" })), "x y");
});

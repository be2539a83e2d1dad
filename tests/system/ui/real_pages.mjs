// SPDX-License-Identifier: MIT
// The dashboard of a running cistern with simulated devices: node real_pages.mjs PORT
// With UI_SCREENSHOT=FILE.png it also takes the README's picture.
import assert from "node:assert/strict";

import {
  assertNoOverflow, DESKTOP, dragChart, PHONE, runTests, until, withPage,
} from "./browser.mjs";

const port = Number(process.argv[2]);
assert.ok(port > 0, "usage: real_pages.mjs PORT");
const onPage = (view, use) => () => withPage(port, view, use);

async function changingTile(page) {
  await page.locator(".tile").first().waitFor();
  const read = () => page.locator(".tile").evaluateAll((tiles) => Object.fromEntries(
    tiles.map((tile) => [tile.dataset.key, tile.querySelector(".tile-number").textContent])));
  const before = await read();
  return until("a changed value", async () => {
    const after = await read();
    return Object.keys(after).find((key) => before[key] !== undefined && after[key] !== before[key]);
  }, 60);
}

const tests = {
  "values on the tiles change by themselves": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    await changingTile(page);
    assert.match(await page.locator(".live-badge").textContent(), /live/);
    assert.ok(await page.locator(".group").count() > 3, "devices are groups");
    assert.ok(await page.locator(".tile-unit").count() > 0, "units are shown");
  }),

  "a tile leads to its chart, which grows, zooms and keeps its address": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    const key = await changingTile(page);
    await page.locator(`.tile[data-key=${JSON.stringify(key)}]`).click();
    await page.waitForURL(/\/chart\?s=/);
    await page.locator(".u-over").waitFor();
    const last = () => page.locator(".legend tbody td").first().textContent();
    const before = await last();
    await until("a new last value", async () => await last() !== before, 60);
    await page.waitForTimeout(8000);  // the drag leaves out the newest 3.6 s: there must be older samples
    await dragChart(page, 0.82, 0.999);
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    const zoomed = new URL(page.url()).searchParams;
    const width = Number(zoomed.get("to")) - Number(zoomed.get("from"));
    assert.ok(Math.abs(width / 3600e3 - 0.18) < 0.02, `${width} ms of an hour`);
    await page.locator(".u-over").waitFor();  // the newest tenth holds the minute that was recorded
    await page.locator(".u-over").dblclick();
    await page.waitForURL(/from=now-1h&to=now/);
  }),

  "the collector says what it did with a message": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}topics?q=zigbee2mqtt`);
    const topic = page.locator(".tree-row").filter({ has: page.locator(".row-payload", { hasText: "temperature" }) }).first();
    await topic.click();
    const inspector = page.locator(".inspector");
    await until("the verdict", async () => /Stored \d+ samples/.test(await inspector.textContent()));
    assert.match(await inspector.locator("table.samples").textContent(), /temperature.*°C/);
    await inspector.getByRole("link", { name: "temperature", exact: true }).click();
    await page.waitForURL(/\/chart\?s=temperature/);
    await page.locator(".u-over").waitFor();
  }),

  "PromQL is answered with a chart and a table": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}explore?q=${encodeURIComponent('count by (device) ({__name__!=""})')}&from=now-15m&to=now`);
    await page.locator(".u-over").waitFor();
    assert.ok(await page.locator(".legend tbody tr").count() > 3);
    await page.getByRole("button", { name: "Table" }).click();
    await until("rows", async () => await page.locator("table.result tbody tr").count() > 3);
  }),

  "the engine's figures are there": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}engine`);
    await until("a rate of messages", async () => /[1-9].*\/s/.test(await page.locator(".stat-value").first().textContent()));
    assert.match(await page.locator(".figures").first().textContent(), /main/);
  }),

  "dark and light": onPage({ ...DESKTOP, colorScheme: "dark" }, async (page, url) => {
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.locator("#theme").click();
    assert.notEqual(await ground(), dark);
  }),

  "a phone": onPage(PHONE, async (page, url) => {
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    await assertNoOverflow(page);
    await page.locator(".tile").first().tap();
    await page.locator(".u-over").waitFor();
    await assertNoOverflow(page);
  }),
};

const picture = process.env.UI_SCREENSHOT;
if (picture) {
  tests["the README's picture"] = onPage({ ...DESKTOP, colorScheme: "dark" }, async (page, url) => {
    await page.goto(`${url}?trend=5+min`);
    await page.locator(".tile").first().waitFor();
    await page.waitForTimeout(3000);
    await page.screenshot({ path: picture });
  });
}

await runTests(tests);

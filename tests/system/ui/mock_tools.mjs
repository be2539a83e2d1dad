// SPDX-License-Identifier: MIT
// Topics, Explore and Engine against the stand-in server.
import assert from "node:assert/strict";

import { assertNoOverflow, DESKTOP, PHONE, runTests, until } from "./browser.mjs";
import { onPage } from "./mock_page.mjs";

const row = (page, name) => page.locator(`.tree-row[data-path="${name}"]`);

const tests = {
  "a topic shows its payload and what was stored of it": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}topics`);
    await row(page, "zigbee2mqtt").waitFor({ state: "attached" });
    await page.locator("#search").fill("kitchen");
    await row(page, "zigbee2mqtt/kitchen_climate").click();
    const inspector = page.locator(".inspector");
    await until("the verdict", async () => /Stored 4 samples by preset zigbee2mqtt/.test(await inspector.textContent()));
    assert.match(await inspector.locator(".payload").textContent(), /"temperature": /);
    assert.match(page.url(), /t=zigbee2mqtt%2Fkitchen_climate/);
    const before = await row(page, "zigbee2mqtt/kitchen_climate").locator(".row-count").textContent();
    await until("the next message", async () => (
      await row(page, "zigbee2mqtt/kitchen_climate").locator(".row-count").textContent()) !== before);
    await inspector.getByRole("link", { name: "temperature" }).click();
    await page.waitForURL(/\/chart\?s=temperature/);
  }),

  "another payload can be tried, and a bad one says why it is not stored": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}topics?t=garden/greenhouse/temperature`);
    await page.getByRole("button", { name: "Try another payload" }).click();
    await page.locator(".try textarea").fill("warm");
    await until("the reason", async () => /stands for no number/.test(await page.locator(".inspector").textContent()));
    await page.locator(".try textarea").fill("21.5");
    await until("the sample", async () => /Stored one sample/.test(await page.locator(".inspector").textContent()));
  }),

  "keys walk the tree and only unstored topics can be shown": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}topics`);
    const plant = row(page, "plant");
    await plant.click();
    await page.locator(".tree").focus();
    const open = await plant.getAttribute("aria-expanded");
    await page.keyboard.press(open === "true" ? "ArrowLeft" : "ArrowRight");
    await until("the change", async () => await plant.getAttribute("aria-expanded") !== open);
    await page.getByRole("button", { name: "Not stored" }).click();
    await until("two topics", async () => /2 topics/.test(await page.locator(".toolbar").textContent()));
    assert.match(await page.locator(".tree").textContent(), /snapshot/);
  }),

  "an expression is completed, drawn and shown as a table": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}explore`);
    await page.locator(".examples button").first().waitFor();
    const editor = page.locator("#query-0");
    await editor.click();
    await page.keyboard.type("avg_over");
    await page.keyboard.press("Tab");
    await page.keyboard.type("temperat");
    await until("the metric", async () => /temperature/.test(await page.locator(".suggestions").textContent()));
    await page.keyboard.press("Enter");
    assert.equal(await editor.inputValue(), "avg_over_time(temperature)");
    await page.keyboard.type("[10m]");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=avg_over_time/);
    await page.locator(".u-over").waitFor();
    assert.ok(await page.locator(".legend tbody tr").count() > 5);
    await page.getByRole("button", { name: "Table" }).click();
    await until("rows", async () => await page.locator("table.result tbody tr").count() > 5);
    await page.goBack();
    await page.locator(".u-over").waitFor();
  }),

  "a wrong expression shows the server's words": onPage({ ...DESKTOP, allowed: [/400/] }, async (page, url) => {
    await page.goto(`${url}explore?q=sum(`);
    await until("the error", async () => /not known here/.test(await page.locator(".query-error").textContent()));
  }),

  "the engine's figures move": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}engine`);
    const first = page.locator(".stat-value").first();
    await until("a rate", async () => /^\d.*\/s$/.test(await first.textContent()));
    assert.match(await page.locator(".figures").first().textContent(), /main.*44\.9 MiB.*0\.977/);
    await page.locator("details.panel summary").click();
    await page.locator("details.panel input").fill("wal_bytes");
    await until("one figure", async () => await page.locator(".figures.all tr").count() === 1);
  }),

  "all pages fit on a phone": onPage(PHONE, async (page, url) => {
    const pages = ["topics", "topics?t=zigbee2mqtt/kitchen_climate", "explore", "explore?q=temperature", "engine"];
    for (const target of pages) {
      await page.goto(url + target);
      await page.waitForTimeout(700);
      await assertNoOverflow(page);
    }
  }),

  "two-key shortcuts go from page to page": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    for (const [key, name] of [["t", "topics"], ["e", "explore"], ["o", "engine"]]) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await page.waitForURL(url + name);
      await page.waitForTimeout(500);  // Explore puts the cursor into its field when it is there
      await page.evaluate(() => document.activeElement?.blur());
    }
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
  }),

  "all addresses are below a proxy's prefix": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}some/place/`);
    await page.locator(".tile").first().click();
    await page.waitForURL(/\/some\/place\/chart\?/);
    await page.locator(".u-over").waitFor();
    await page.reload();
    await page.locator(".u-over").waitFor();
    await page.getByRole("link", { name: "Topics" }).click();
    await page.locator(".tree-row").first().waitFor();
    assert.match(page.url(), /\/some\/place\/topics$/);
  }, { prefix: "/some/place/" }),

  "links stay in the shown database": onPage(DESKTOP, async (page, url) => {
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${url}?db=internal`);
    await page.locator(".tile").first().click();
    await page.waitForURL(/db=internal/);
    await page.locator(".u-over").waitFor();
    assert.ok(asked.includes("/db/internal/api/v1/live"), asked.join(" "));
    assert.ok(!asked.includes("/api/v1/query"), asked.join(" "));
    assert.equal(await page.locator("select.database").inputValue(), "internal");
  }),

  "an unknown page says so": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}nowhere`);
    assert.match(await page.locator("main").textContent(), /There is no page “nowhere”/);
  }),
};

await runTests(tests);

// SPDX-License-Identifier: MIT
// The dashboard against the stand-in server: looks, gestures, and states that a real server is
// seldom in.
import assert from "node:assert/strict";

import {
  assertNoOverflow, DESKTOP, dragChart, PHONE, runTests, shownSpan, until,
} from "./browser.mjs";
import { onPage } from "./mock_page.mjs";

const KITCHEN = 'temperature{area="kitchen",device="kitchen_climate"}';
const chartUrl = (url, rest = "") => `${url}chart?s=${encodeURIComponent(KITCHEN)}${rest}`;

async function contrastOf(page, selector) {
  return page.evaluate((where) => {
    const element = document.querySelector(where);
    const rgb = (text) => text.match(/[\d.]+/g).slice(0, 3).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    const luminance = (text) => rgb(text).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    let ground = element;
    while (/rgba\(0, 0, 0, 0\)|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const a = luminance(getComputedStyle(element).color);
    const b = luminance(getComputedStyle(ground).backgroundColor);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }, selector);
}

const tests = {
  "tiles show values that change by themselves": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    const tile = page.locator('.tile[data-key^="power"]').first();
    await tile.waitFor();
    const before = await tile.locator(".tile-number").textContent();
    await until("a new value", async () => await tile.locator(".tile-number").textContent() !== before);
    assert.equal(await tile.locator(".tile-unit").textContent(), "W");
    assert.match(await page.locator(".live-badge").textContent(), /live/);
    await until("a sparkline", async () => (await tile.locator(".spark-line").getAttribute("d") ?? "").length > 50);
  }),

  "search narrows, the address keeps it, Escape and the back button work": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("kitchen temp");
    await until("one tile", async () => await page.locator(".tile").count() === 1);
    assert.match(page.url(), /[?&]q=kitchen\+temp/);
    await page.locator(".tile").click();
    await page.waitForURL(/\/chart\?/);
    await page.locator(".u-over").waitFor();
    await page.goBack();
    await until("the search again", async () => await page.locator("#search").inputValue() === "kitchen temp");
    assert.equal(await page.locator(".tile").count(), 1);
  }),

  "dragging zooms and is in the address, a double click leads back": onPage(DESKTOP, async (page, url) => {
    await page.goto(chartUrl(url));
    await page.locator(".u-over").waitFor();
    const before = await shownSpan(page);
    await dragChart(page, 0.3, 0.6);
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    await until("the zoomed chart", async () => (await shownSpan(page)).toMs < before.toMs - 60e3);
    const zoomed = await shownSpan(page);
    assert.ok(Math.abs((zoomed.toMs - zoomed.fromMs) / (before.toMs - before.fromMs) - 0.3) < 0.03);
    await page.reload();
    await page.locator(".u-over").waitFor();
    assert.ok(Math.abs((await shownSpan(page)).fromMs - zoomed.fromMs) < 1000);
    await page.locator(".u-over").dblclick();
    await page.waitForURL(/from=now-1h&to=now/);
  }),

  "the tooltip tells the value under the pointer and gaps say so": onPage(DESKTOP, async (page, url) => {
    const hour = Math.floor(Date.now() / 3600e3) * 3600e3 - 3600e3;
    await page.goto(chartUrl(url, `&from=${hour}&to=${hour + 3600e3}`));
    const over = page.locator(".u-over");
    await over.waitFor();
    const box = await over.boundingBox();
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
    await until("a value", async () => /°C/.test(await page.locator(".tooltip").textContent()));
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 3 });
    await until("the gap", async () => /no data/.test(await page.locator(".tooltip").textContent()));
  }),

  "new samples arrive on the chart, and wait while it is paused": onPage(DESKTOP, async (page, url) => {
    await page.goto(`${url}chart?s=${encodeURIComponent('power{channel="0",component="emeter",device="shellyem3-84CCA8A1"}')}&from=now-15m&to=now`);
    await page.locator(".u-over").waitFor();
    const last = () => page.locator(".legend tbody td").first().textContent();
    const shown = await last();
    await until("a new last value", async () => await last() !== shown);
    const before = (await shownSpan(page)).toMs;
    await until("the window's move", async () => (await shownSpan(page)).toMs > before);
    await page.getByRole("button", { name: "Pause" }).click();
    await until("waiting updates", async () => /waiting/.test(await page.locator(".chart-pill").textContent()));
    const held = (await shownSpan(page)).toMs;
    await page.waitForTimeout(1500);
    assert.equal((await shownSpan(page)).toMs, held);
    await page.getByRole("button", { name: "Resume" }).click();
    await until("going on", async () => (await shownSpan(page)).toMs > held);
  }),

  "keys move the cursor, zoom and reset": onPage(DESKTOP, async (page, url) => {
    await page.goto(chartUrl(url));
    await page.locator(".u-over").waitFor();
    await page.locator(".chart-box").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".tooltip").waitFor();
    await page.keyboard.press("+");
    await page.waitForURL(/from=\d{13}/);
    await page.locator(".chart-box").focus();
    await page.keyboard.press("0");
    await page.waitForURL(/from=now-1h/);
  }),

  "long ranges show mean, minimum and maximum": onPage(DESKTOP, async (page, url) => {
    await page.goto(chartUrl(url, "&from=now-7d&to=now"));
    await page.locator(".u-over").waitFor();
    assert.match(await page.locator(".chart-note").textContent(), /mean with min and max/);
    const figures = await page.locator(".legend tbody td").allTextContents();
    const [, low, mean, high] = figures.map((text) => parseFloat(text));
    assert.ok(low < mean && mean < high, `${figures}`);
  }),

  "a second series is compared, removed and exported": onPage(DESKTOP, async (page, url) => {
    await page.goto(chartUrl(url));
    await page.locator(".u-over").waitFor();
    await page.getByRole("button", { name: "Compare" }).click();
    await page.locator(".adder input").fill("garage temperature");
    await page.locator(".adder-list button").first().click();
    await until("two rows", async () => await page.locator(".legend tbody tr").count() === 2);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "CSV" }).click();
    assert.equal((await download).suggestedFilename(), "cistern.csv");
    await page.getByRole("button", { name: "Table" }).click();
    assert.ok(await page.locator("table.data tbody tr").count() > 50);
    await page.locator(".legend-remove button").first().click();
    await until("one row", async () => await page.locator(".legend tbody tr").count() === 1);
  }),

  "a pinned series stands first, also after a reload": onPage(DESKTOP, async (page, url) => {
    await page.goto(chartUrl(url));
    await page.getByRole("button", { name: "Pin" }).click();
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await page.locator(".tile").first().waitFor();
    await page.reload();
    const first = page.locator(".group").first();
    await until("the pinned group", async () => /^Pinned.*kitchen_climate · Temperature/.test(await first.textContent()));
    await first.locator(".tile").click();
    await page.getByRole("button", { name: "Pin" }).click();
    await page.goBack();
    await until("no pinned group", async () => !/Pinned/.test(await page.locator("main").textContent()));
  }),

  "a pinch zooms on a phone and nothing is wider than the screen": onPage(PHONE, async (page, url) => {
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    await assertNoOverflow(page);
    await page.goto(chartUrl(url));
    await page.locator(".u-over").waitFor();
    await assertNoOverflow(page);
    const box = await page.locator(".u-over").boundingBox();
    const session = await page.context().newCDPSession(page);
    const y = box.y + box.height / 2;
    const touch = (type, a, b) => session.send("Input.dispatchTouchEvent", {
      type, touchPoints: type === "touchEnd" ? [] : [{ x: box.x + a, y, id: 1 }, { x: box.x + b, y, id: 2 }] });
    await touch("touchStart", 120, 180);
    for (let step = 1; step <= 8; step += 1) await touch("touchMove", 120 - step * 10, 180 + step * 10);
    await touch("touchEnd");
    await page.waitForURL(/from=\d{13}/);
    const span = await shownSpan(page);
    assert.ok(span.toMs - span.fromMs < 2400e3, JSON.stringify(span));
  }),

  "every width fits": onPage(DESKTOP, async (page, url) => {
    for (const width of [320, 390, 768, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      for (const target of [url, chartUrl(url)]) {
        await page.goto(target);
        await page.locator(".tile, .u-over").first().waitFor();
        await assertNoOverflow(page);
      }
    }
  }),

  "dark and light follow the system and the button, and can be read": onPage(
    { ...DESKTOP, colorScheme: "dark" }, async (page, url) => {
      const themeNow = () => page.evaluate(() => document.documentElement.dataset.theme);
      await page.goto(url);
      await page.locator(".tile").first().waitFor();
      assert.equal(await themeNow(), "dark");
      for (const theme of ["light", "dark"]) {
        await page.locator("#theme").click();
        assert.equal(await themeNow(), theme);
        for (const part of [".tile-number", ".tile-title", ".tile-age", ".group-count", ".nav-link"]) {
          const contrast = await contrastOf(page, part);
          assert.ok(contrast >= 4.5, `${part} has a contrast of ${contrast.toFixed(2)} in ${theme}`);
        }
      }
      await page.reload();
      assert.equal(await themeNow(), "dark");
    }),

  "two thousand series stay smooth": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    assert.match(await page.locator(".status-strip").textContent(), /2.000 series/);
    assert.ok(await page.locator(".tile").count() < 200, "only tiles near the view are in the document");
    await page.mouse.move(700, 600);
    for (let step = 0; step < 20; step += 1) await page.mouse.wheel(0, 1500);
    await until("tiles further down", async () => (
      await page.locator(".tile").last().getAttribute("data-key")).match(/sensor-(\d+)/)[1] > 50);
    await page.locator("#search").fill("sensor-333 ");
    await until("one device", async () => await page.locator(".group").count() === 1);
  }, { series: 2000 }),

  "without a free stream the page polls": onPage(
    { ...DESKTOP, allowed: [/503/] }, async (page, url) => {
      await page.goto(url);
      await until("polling", async () => /polling/.test(await page.locator(".live-badge").textContent()));
      const tile = page.locator('.tile[data-key^="power"]').first();
      const before = await tile.locator(".tile-number").textContent();
      await until("a new value", async () => await tile.locator(".tile-number").textContent() !== before);
    }, { refuseLive: true }),

  "a hidden tab holds no stream": onPage(DESKTOP, async (page, url, mock) => {
    await page.goto(url);
    await until("the stream", () => mock.options.streams === 1);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await until("its end", () => mock.options.streams === 0);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: false, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await until("another", () => mock.options.streams === 1);
  }),

  "an empty store says what to do": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    await until("the hint", async () => /mosquitto_pub/.test(await page.locator("main").textContent()));
  }, { empty: true }),

  "a server without brokers says how to name one": onPage(DESKTOP, async (page, url) => {
    await page.goto(url);
    await until("the hint", async () => /No broker is configured/.test(await page.locator("main").textContent()));
  }, { empty: true, noBroker: true }),
};

await runTests(tests);

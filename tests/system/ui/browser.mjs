// SPDX-License-Identifier: MIT
// A browser for tests: Debian's Chromium with a fresh profile, which may talk to the tested server
// only. Any console error, uncaught exception or foreign request fails the test.
import assert from "node:assert/strict";

import { chromium } from "../../../web/ui/node_modules/playwright-core/index.mjs";

// Not localhost, which browsers trust like HTTPS: on a LAN the page is served over plain HTTP.
export const HOST = "pi.local";
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
];
const CHROMIUM = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";

export const DESKTOP = { viewport: { width: 1440, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

function watch(page, origin, faults, allowed) {
  page.on("console", (message) => {
    if (message.type() !== "error" || allowed.some((pattern) => pattern.test(message.text()))) return;
    faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) faults.push(`foreign request: ${url}`);
  });
}

// One for all tests of a run, with a profile of its own that goes with it; each test has a context,
// which shares nothing with the others.
let browser = null;

/** Opens a page of the server on `port` and hands it to `use`; fails on what the page did wrong. */
export async function withPage(port, options, use) {
  const { allowed = [], ...view } = options;
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...view });
  const faults = [];
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30e3);
    const origin = `http://${HOST}:${port}`;
    watch(page, origin, faults, allowed);
    await use(page, `${origin}/`);
  } finally {
    await context.close();
  }
  assert.deepEqual(faults, []);
}

export async function assertNoOverflow(page) {
  const [content, width] = await page.evaluate(
    () => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= width, `the page is ${content} px wide in a window of ${width} px`);
}

export async function until(what, condition, seconds = 30) {
  const end = Date.now() + seconds * 1e3;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert.ok(Date.now() < end, `${what} did not happen in ${seconds} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Drags over the middle of the chart, from and to as fractions of its width. */
export async function dragChart(page, from, to) {
  const box = await page.locator(".u-over").boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * (from + to) / 2, y, { steps: 4 });
  await page.mouse.move(box.x + box.width * to, y, { steps: 4 });
  await page.mouse.up();
}

export function shownSpan(page) {
  return page.evaluate(() => window.cisternChart.span());
}

/** Runs the tests one after the other and ends the process. */
export async function runTests(tests) {
  const only = process.env.UI_TEST;  // a part of a test's name
  let failed = 0;
  let passed = 0;
  for (const [name, test] of Object.entries(tests)) {
    if (only && !name.includes(only)) continue;
    const begun = Date.now();
    try {
      await test();
      passed += 1;
      console.log(`ok   ${name} (${Date.now() - begun} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n${error.stack}`);
    }
  }
  await browser?.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

// SPDX-License-Identifier: MIT
import { withPage } from "./browser.mjs";
import { startMock } from "./mock_server.mjs";

/** A test with a browser page and a stand-in server of its own. */
export function onPage(view, use, mockOptions = {}) {
  return async () => {
    const mock = await startMock(mockOptions);
    try {
      await withPage(mock.port, view, (page, url) => use(page, url, mock));
    } finally {
      await mock.close();
    }
  };
}

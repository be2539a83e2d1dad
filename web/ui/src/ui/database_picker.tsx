// SPDX-License-Identifier: MIT
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { databases, loadDatabases } from "../state/database";
import { currentDatabase } from "../state/router";

const DEFAULT = "main";

/** Shown when there is a choice. Another database is another page: nothing of the old one stays. */
export function DatabasePicker(): JSX.Element | null {
  useEffect(() => void loadDatabases(), []);
  const names = databases.value;
  if (names.length < 2) return null;
  return (
    <select class="database" aria-label="Database" title="Database" value={currentDatabase() || DEFAULT}
      onChange={(event) => {
        const name = event.currentTarget.value;
        window.location.assign(name === DEFAULT ? "./" : `./?db=${encodeURIComponent(name)}`);
      }}>
      {names.map((name) => <option key={name} value={name}>{name}</option>)}
    </select>
  );
}

// SPDX-License-Identifier: MIT
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { databases, loadDatabases } from "../state/database";
import { currentDatabase, route } from "../state/router";

const DEFAULT = "main";
/** The server's own figures; the Engine page leads there. */
export const INTERNAL = "internal";
/** Databases that the server keeps for itself. */
const OWN = new Set([INTERNAL, "collector"]);

/** Shown when there is a choice. Another database is another page: nothing of the old one stays. */
export function DatabasePicker(): JSX.Element | null {
  useEffect(() => void loadDatabases(), []);
  void route.value;  // the links' database may have changed
  const names = databases.value;
  const choices = names.filter((name) => !OWN.has(name));
  if (choices.length < 2 && !currentDatabase()) return null;
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

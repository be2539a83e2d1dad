// SPDX-License-Identifier: MIT
// Which database the page shows: `db` in the address, else the server's default.
import { signal } from "@preact/signals";

import { getJson } from "../api/http";
import { currentDatabase } from "./router";

export const databases = signal<string[]>([]);

/** The address of an API route of the shown database. */
export function api(route: string): string {
  const name = currentDatabase();
  return name ? `db/${encodeURIComponent(name)}/api/v1/${route}` : `api/v1/${route}`;
}

export async function loadDatabases(): Promise<void> {
  try {
    const answer = await getJson<{ data: { result: string[] } }>("api/v1/databases", { include_internal: "true" });
    databases.value = answer.data.result;
  } catch {
    databases.value = [];  // the default one is shown without a choice
  }
}

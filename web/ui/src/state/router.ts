// SPDX-License-Identifier: MIT
// The address bar is the page's state: a path of one segment and its parameters. All addresses are
// relative to the folder the page lives in, which is the server's root or a proxy's prefix.
import { signal } from "@preact/signals";

export interface Route {
  page: string;
  params: URLSearchParams;
}

function read(): Route {
  const segment = window.location.pathname.split("/").pop() ?? "";
  return { page: segment, params: new URLSearchParams(window.location.search) };
}

export const route = signal<Route>(read());

window.addEventListener("popstate", () => {
  route.value = read();
});

/** The database that the address names; empty = the server's default. */
export function currentDatabase(): string {
  return route.peek().params.get("db") ?? "";
}

/** Links stay in the shown database. */
export function href(page: string, params?: URLSearchParams): string {
  const kept = new URLSearchParams(params);
  if (currentDatabase()) kept.set("db", currentDatabase());
  const query = kept.toString();
  return (page || "./") + (query ? `?${query}` : "");
}

export function go(page: string, params?: URLSearchParams, replace = false): void {
  const target = href(page, params);
  if (replace) window.history.replaceState(null, "", target);
  else window.history.pushState(null, "", target);
  const moved = page !== route.value.page;
  route.value = read();
  if (moved) window.scrollTo(0, 0);
}

export type Changes = Record<string, string | string[] | null>;

/** Changes parameters of the present page; null removes one. */
export function setParams(changes: Changes, replace = false): void {
  const params = new URLSearchParams(route.value.params);
  for (const [key, value] of Object.entries(changes)) {
    params.delete(key);
    for (const one of Array.isArray(value) ? value : value === null ? [] : [value]) {
      params.append(key, one);
    }
  }
  go(route.value.page, params, replace);
}

/** A click that the browser should not handle as a page load. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

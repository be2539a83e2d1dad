// SPDX-License-Identifier: MIT
// Requests to the server that this page came from. Every address is relative to the page, so the
// dashboard works below any prefix of a reverse proxy.

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export type Params = Record<string, string | string[] | number | undefined>;

export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(key, String(one));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function reasonOf(status: number, body: unknown): string {
  if (body && typeof body === "object") {
    const fields = body as Record<string, unknown>;
    for (const key of ["error", "message"]) {
      if (typeof fields[key] === "string") return fields[key] as string;
    }
  }
  return typeof body === "string" && body.length > 0 && body.length < 300 ? body.trim() : `HTTP ${status}`;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal: signal ?? null });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, reasonOf(response.status, text));
  return text;
}

export async function getJson<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const query = address("", params);
  // A long selector does not fit in a request line; the Prometheus routes take a form as well.
  const asForm = query.length > 4000;
  const response = asForm
    ? await fetch(path, {
        method: "POST",
        body: query.slice(1),
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        signal: signal ?? null,
      })
    : await fetch(path + query, { signal: signal ?? null });
  const body = await bodyOf(response);
  if (!response.ok) throw new ApiError(response.status, reasonOf(response.status, body));
  if (typeof body === "string") throw new ApiError(response.status, `${path} did not answer with JSON`);
  return body as T;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "the server does not answer";
  return error instanceof Error ? error.message : String(error);
}

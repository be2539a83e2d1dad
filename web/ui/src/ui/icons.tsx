// SPDX-License-Identifier: MIT
// Line icons on a 24 x 24 grid, drawn for this page.
import type { JSX } from "preact";

const PATHS: Record<string, string> = {
  home: "M4 11.5 12 5l8 6.5M6 10v9h12v-9M10 19v-5h4v5",
  topics: "M6 4v13a2 2 0 0 0 2 2h3M6 9h5M15 7h5v4h-5zM15 17h5v4h-5z",
  explore: "M4 19V5M4 19h16M7.5 15l4-5 3 3L20 7",
  engine: "M5 4h14v6H5zM5 14h14v6H5zM8.5 7h.01M8.5 17h.01M12 7h4M12 17h4",
  search: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16.2 16.2 20 20",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6 6 18",
  auto: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16M12 8h5.5M12 12h8M12 16h5.5",
  light: "M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4",
  dark: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
  plus: "M12 5v14M5 12h14",
  pin: "M12 4.5l2.3 4.7 5.2.8-3.7 3.6.9 5.2-4.7-2.5-4.7 2.5.9-5.2L4.5 10l5.2-.8z",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  chevron: "M9 6l6 6-6 6",
  calendar: "M5 6h14v14H5zM5 10h14M9 4v4M15 4v4",
  zoomout: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16.2 16.2 20 20M8 11h6",
  refresh: "M19 8a8 8 0 1 0 1 6M20 4v5h-5",
  temperature: "M12 4a2 2 0 0 0-2 2v7.5a4 4 0 1 0 4 0V6a2 2 0 0 0-2-2zM12 10v7",
  drop: "M12 4c3 3.8 5.5 6.7 5.5 10a5.5 5.5 0 0 1-11 0C6.5 10.7 9 7.8 12 4z",
  gauge: "M5 18a8.5 8.5 0 1 1 14 0M12 14l4-4.5",
  sun: "M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM12 3.5v1.5M12 19v1.5M3.5 12H5M19 12h1.5M6 6l1 1M17 17l1 1M6 18l1-1M17 7l1-1",
  bolt: "M13 3 6 13.5h5L10 21l8-11h-5.5z",
  battery: "M4 8.5h14v7H4zM20.5 11v2M7 11v2M10 11v2",
  signal: "M5 19v-3M9.7 19v-6.5M14.3 19v-10M19 19V5",
  wind: "M4 9h9.5a2.5 2.5 0 1 0-2.3-3.5M4 13h13a2.7 2.7 0 1 1-2.5 3.8M4 17h6",
  cloud: "M7.5 18a4 4 0 0 1-.3-8 5 5 0 0 1 9.6-.5A4.3 4.3 0 0 1 16.5 18z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  bars: "M5 19v-6M10 19V8M15 19v-8M20 19V5",
  motion: "M13 5.5h.01M8 20l3-6M11 14l3 2v4M7 12l2.5-3.5L13 10l2.5 2.5H18",
  alert: "M12 4.5 3.5 19h17zM12 10v4M12 16.5h.01",
  door: "M7 4h10v16H7zM4 20h16M14 12h.01",
  lock: "M6 11h12v8H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  link: "M5 12.5a10 10 0 0 1 14 0M8 15.5a6 6 0 0 1 8 0M12 19h.01",
  switch: "M8.5 7h7a5 5 0 0 1 0 10h-7a5 5 0 0 1 0-10zM15.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  wave: "M3 12h3.5l2.5-6 4.5 12 2.5-6H21",
};

export function Icon(props: { name: string; size?: number; class?: string }): JSX.Element {
  const size = props.size ?? 20;
  return (
    <svg class={`icon ${props.class ?? ""}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[props.name] ?? PATHS["wave"]} />
    </svg>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="logo-ground" />
      <path class="logo-drop" d="M16 5.5c4 5 7 8 7 12.3a7 7 0 0 1-14 0c0-4.3 3-7.3 7-12.3z" />
      <path class="logo-wave" d="M9.6 18.5c2.1-1.6 4.3 1.6 6.4 0s4.3-1.6 6.4 0" />
    </svg>
  );
}

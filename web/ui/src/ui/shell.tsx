// SPDX-License-Identifier: MIT
// The frame around every page: navigation, theme, keyboard.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Home } from "../home/home";
import { refreshCollector } from "../state/collector";
import { go, href, isPlainClick, route } from "../state/router";
import { nextTheme, theme } from "../state/theme";
import { DatabasePicker } from "./database_picker";
import { Help } from "./help";
import { Icon, Logo } from "./icons";
import { onShortcut } from "./keyboard";
import { lazy } from "./lazy";

const Chart = lazy(() => import("../chart/page").then((module) => module.ChartPage));
const Topics = lazy(() => import("../topics/page").then((module) => module.TopicsPage));
const Explore = lazy(() => import("../explore/page").then((module) => module.ExplorePage));
const Engine = lazy(() => import("../engine/page").then((module) => module.EnginePage));

const PAGES = [
  { page: "", title: "Home", icon: "home", key: "h" },
  { page: "topics", title: "Topics", icon: "topics", key: "t" },
  { page: "explore", title: "Explore", icon: "explore", key: "e" },
  { page: "engine", title: "Engine", icon: "engine", key: "o" },
];

const COLLECTOR_MS = 5000;

function NavLink({ page, title, icon }: { page: string; title: string; icon: string }): JSX.Element {
  const here = route.value.page;
  const current = here === page || (page === "" && (here === "chart" || here === "index.html"));
  return (
    <a href={href(page)} class="nav-link" aria-current={current ? "page" : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        go(page);
      }}>
      <Icon name={icon} size={22} /><span>{title}</span>
    </a>
  );
}

function ThemeButton(): JSX.Element {
  const text = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" }[theme.value];
  return (
    <button class="icon-button" id="theme" onClick={nextTheme} aria-label={text} title={text}>
      <Icon name={theme.value} />
    </button>
  );
}

function Page(): JSX.Element {
  switch (route.value.page) {
    case "":
    case "index.html":
      return <Home />;
    case "chart":
      return <Chart />;
    case "topics":
      return <Topics />;
    case "explore":
      return <Explore />;
    case "engine":
      return <Engine />;
    default:
      return <div class="empty"><h2>There is no page “{route.value.page}”</h2><a class="button" href="./">Home</a></div>;
  }
}

/** A chart's page has a title of its own. */
function PageTitle(): JSX.Element | null {
  const here = route.value.page;
  const title = PAGES.find((one) => one.page === here)?.title;
  useEffect(() => {
    if (here !== "chart") document.title = here && title ? `${title} · Cistern` : "Cistern";
  }, [here]);
  return title ? <h1 class="visually-hidden">{title}</h1> : null;
}

export function Shell(): JSX.Element {
  const [help, setHelp] = useState(false);
  useEffect(() => {
    const ask = (): void => {
      if (!document.hidden) void refreshCollector();
    };
    ask();
    const timer = window.setInterval(ask, COLLECTOR_MS);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => onShortcut({
    "?": () => setHelp(true),
    "/": () => document.getElementById("search")?.focus(),
    ...Object.fromEntries(PAGES.map(({ page, key }) => [`g ${key}`, () => go(page)])),
  }), []);
  return (
    <div class="shell">
      <a class="skip" href="#main">Skip to the content</a>
      <nav class="nav" aria-label="Pages">
        <a class="brand" href="./" aria-label="Cistern, home" onClick={(event) => {
          if (!isPlainClick(event)) return;
          event.preventDefault();
          go("");
        }}><Logo /><span>Cistern</span></a>
        <div class="nav-links">{PAGES.map(({ page, title, icon }) => (
          <NavLink key={page} page={page} title={title} icon={icon} />))}</div>
        <div class="nav-tools">
          <DatabasePicker />
          <ThemeButton />
          <button class="icon-button wide-only" onClick={() => setHelp(true)} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
            <Icon name="help" /></button>
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        <PageTitle />
        <Page />
      </main>
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

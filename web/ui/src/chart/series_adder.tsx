// SPDX-License-Identifier: MIT
// Puts another series on the chart.
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

import { fullTitle } from "../lib/labels";
import { matches } from "../home/layout";
import { setParams } from "../state/router";
import { allSeries, seriesVersion } from "../state/series";
import { Icon } from "../ui/icons";

const SHOWN = 60;

export function SeriesAdder({ selectors }: { selectors: string[] }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const version = seriesVersion.value;
  const found = useMemo(
    () => allSeries().filter((series) => !selectors.includes(series.key) && matches(series, query))
      .sort((a, b) => (fullTitle(a.labels) < fullTitle(b.labels) ? -1 : 1)),
    [version, query, selectors.join("\u0001")]);
  const add = (key: string): void => {
    dialog.current?.close();
    setParams({ s: [...selectors, key] });
  };
  return (
    <>
      <button class="button" onClick={() => dialog.current?.showModal()}><Icon name="plus" size={18} />Compare</button>
      <dialog class="dialog adder" ref={dialog} aria-label="Add a series">
        <header><h2>Add a series</h2>
          <button class="icon-button" onClick={() => dialog.current?.close()} aria-label="Close"><Icon name="close" /></button>
        </header>
        <input class="input" type="search" placeholder="Search" value={query} aria-label="Search series"
          onInput={(event) => setQuery(event.currentTarget.value)} />
        <ul class="adder-list">
          {found.slice(0, SHOWN).map((series) => (
            <li key={series.key}><button onClick={() => add(series.key)} title={series.key}>
              <Icon name={series.kind.icon} size={16} />{fullTitle(series.labels)}
              <span class="muted">{series.unit}</span></button></li>
          ))}
          {found.length > SHOWN && <li class="muted">{found.length - SHOWN} more: search to narrow</li>}
          {found.length === 0 && <li class="muted">nothing matches</li>}
        </ul>
      </dialog>
    </>
  );
}

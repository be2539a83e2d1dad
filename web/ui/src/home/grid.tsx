// SPDX-License-Identifier: MIT
// The bands near the view, in a box as high as all of them.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { plural } from "../lib/format";
import { layOut, totalHeight, visibleBands, type Band, type Group, type Metrics, type Section } from "./layout";
import { Tile } from "./tile";

const OVERSCAN = 600;

function metricsFor(width: number): Metrics {
  const phone = width < 640;
  const gap = phone ? 8 : 12;
  const minimum = phone ? 150 : 184;
  const columns = Math.max(phone ? 2 : 1, Math.floor((width + gap) / (minimum + gap)));
  return { columns, gap, tileHeight: phone ? 116 : 124, titleHeight: 40 };
}

function useWidth(): [preactRef: { current: HTMLDivElement | null }, width: number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** The stretch of the element that is on screen, in its own pixels; changes at most once a frame. */
function useStretch(ref: { current: HTMLDivElement | null }): [number, number] {
  const [stretch, setStretch] = useState<[number, number]>([0, 1200]);
  useEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const box = ref.current?.getBoundingClientRect();
      if (!box) return;
      // Rounded, so that small movements render nothing.
      const from = Math.floor(-box.top / 200) * 200;
      const to = Math.ceil((window.innerHeight - box.top) / 200) * 200;
      setStretch((old) => (old[0] === from && old[1] === to ? old : [from, to]));
    };
    const later = (): void => {
      if (frame === 0) frame = window.requestAnimationFrame(measure);
    };
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later);
    measure();
    return () => {
      window.removeEventListener("scroll", later);
      window.removeEventListener("resize", later);
      window.cancelAnimationFrame(frame);
    };
  }, [ref]);
  return stretch;
}

function SectionView({ section, titleOf }: { section: Section; titleOf: TitleOf }): JSX.Element {
  const { group, members, span } = section;
  return (
    <section class="group" style={`grid-column: span ${span}; --columns: ${span}`}
      aria-label={group.title}>
      {section.withTitle && (
        <h2 class="group-title">
          <span class="group-name" title={group.title}>{group.title}</span>
          {group.context && <span class="group-context">{group.context}</span>}
          {span > 1 && <span class="group-count">{plural(group.members.length, "series", "series")}</span>}
        </h2>
      )}
      <div class="tiles" role="list">
        {members.map((series, index) => (
          <Tile key={series.key} series={series} title={titleOf(group.key, series.key) ?? series.title}
            position={section.offset + index + 1} total={group.members.length} />
        ))}
      </div>
    </section>
  );
}

/** The tile's title within a group. */
type TitleOf = (group: string, key: string) => string | undefined;

function BandView({ band, columns, titleOf }: { band: Band; columns: number; titleOf: TitleOf }): JSX.Element {
  return (
    <div class="band" style={`transform: translateY(${band.top}px); --band-columns: ${columns}`}>
      {band.sections.map((section) => (
        <SectionView key={`${section.group.key}/${section.offset}`} section={section} titleOf={titleOf} />
      ))}
    </div>
  );
}

export function Grid({ groups, titleOf }: { groups: Group[]; titleOf: TitleOf }): JSX.Element {
  const [ref, width] = useWidth();
  const stretch = useStretch(ref);
  const metrics = useMemo(() => metricsFor(width), [width]);
  const bands = useMemo(() => (width > 0 ? layOut(groups, metrics) : []), [groups, metrics, width]);
  const [first, last] = visibleBands(bands, stretch[0] - OVERSCAN, stretch[1] + OVERSCAN);
  return (
    <div class="grid" ref={ref} style={`height: ${totalHeight(bands)}px; --gap: ${metrics.gap}px; `
      + `--tile-height: ${metrics.tileHeight}px; --title-height: ${metrics.titleHeight}px`}>
      {bands.slice(first, last).map((band) => (
        <BandView key={band.top} band={band} columns={metrics.columns} titleOf={titleOf} />
      ))}
    </div>
  );
}

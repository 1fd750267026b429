import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";

import type { Moment } from "../live/floor";

const HEIGHT = 150;
/** It never shows less, seconds. */
const LEAST_S = 60;
const COLORS = { ringing: "#868e96", talking: "#12b886", ready: "#228be6", waiting: "#fa5252" };

/** Calls that ring, agents who talk or wait, people who wait: the last ten minutes. */
export function Chart({ moments, at }: { moments: Moment[]; at: string }) {
  const { t, i18n } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const line = (name: keyof typeof COLORS, width: number) => ({
      label: t(`floor.${name}`),
      stroke: COLORS[name],
      width,
      points: { show: false },
    });
    const axis = { stroke: "#868e96", grid: { stroke: "#86868633" }, size: 36 };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        series: [{}, line("ringing", 1), line("talking", 2), line("ready", 1), line("waiting", 2)],
        axes: [
          { ...axis, space: 90, values: (_, ticks) => ticks.map((s) => short(s, i18n.language)) },
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] },
        ],
        scales: { x: { time: true } },
        cursor: { y: false },
      },
      [[], [], [], [], []],
      element,
    );
    plot.current = made;
    const sized = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    sized.observe(element);
    return () => {
      sized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [t, i18n.language]);

  // The room comes four times a second, a moment for the chart once.
  const until = Math.floor(Date.parse(at) / 1_000);
  useEffect(() => {
    const since = Math.min(moments[0]?.s ?? until, until - LEAST_S);
    const column = (name: keyof Moment) => moments.map((moment) => moment[name]);
    plot.current?.setData(
      [column("s"), column("ringing"), column("talking"), column("ready"), column("waiting")],
      false,
    );
    plot.current?.setScale("x", { min: since, max: until });
    const most = moments.map((m) => Math.max(m.ringing, m.talking, m.ready, m.waiting));
    plot.current?.setScale("y", { min: 0, max: Math.max(4, ...most) });
  }, [moments, until]);

  return <div ref={place} className="chart" role="img" aria-label={t("floor.chart")} />;
}

function short(s: number, language: string): string {
  return new Date(s * 1_000).toLocaleTimeString(language, { timeStyle: "medium" });
}

import { useTranslation } from "react-i18next";

import type { Schemas } from "../api/client";
import { useFormat } from "./format";

type Point = Schemas["TunePoint"];

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 46;
const BELOW = 36;
const TICKS = 4;

/** Talk against abandonment: a line through the targets, the present point and the one asked for. */
export function Curve(props: { points: Point[]; present: Point; asked: Point }) {
  const { t } = useTranslation();
  const format = useFormat();
  const all = [...props.points, props.present, props.asked];
  const most = Math.max(1, ...all.map((point) => point.abandonment_percent));
  const talks = all.map((point) => point.talk_min_per_agent_hour);
  const low = Math.floor(Math.min(...talks) - 1);
  const high = Math.ceil(Math.max(...talks) + 1);
  const x = (percent: number) => LEFT + ((WIDTH - LEFT - 10) * percent) / most;
  const y = (talk: number) => 10 + ((HEIGHT - BELOW - 10) * (high - talk)) / (high - low);
  const at = (point: Point) => ({
    cx: x(point.abandonment_percent),
    cy: y(point.talk_min_per_agent_hour),
  });
  const ordered = [...props.points].sort((a, b) => a.abandonment_percent - b.abandonment_percent);
  const line = ordered.map((point) => `${at(point).cx},${at(point).cy}`).join(" ");
  const steps = Array.from({ length: TICKS + 1 }, (_, n) => n / TICKS);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="curve"
      role="img"
      aria-label={t("tune.curve")}
    >
      {steps.map((step) => {
        const talk = low + (high - low) * step;
        return (
          <g key={step}>
            <line x1={LEFT} x2={WIDTH - 10} y1={y(talk)} y2={y(talk)} className="grid" />
            <text x={LEFT - 6} y={y(talk) + 4} textAnchor="end">
              {format.minutes(60 * talk)}
            </text>
            <text x={x(most * step)} y={HEIGHT - BELOW + 16} textAnchor="middle">
              {format.share((most * step) / 100)}
            </text>
          </g>
        );
      })}
      <text x={(LEFT + WIDTH) / 2} y={HEIGHT - 4} textAnchor="middle">
        {t("floor.abandonment")}
      </text>
      <polyline points={line} className="line" />
      {ordered.map((point) => (
        <circle key={point.target_percent} {...at(point)} r={3} className="point">
          <title>{format.share(point.target_percent / 100)}</title>
        </circle>
      ))}
      <circle {...at(props.present)} r={7} className="present">
        <title>{t("tune.present")}</title>
      </circle>
      <circle {...at(props.asked)} r={7} className="asked">
        <title>{t("tune.asked")}</title>
      </circle>
    </svg>
  );
}

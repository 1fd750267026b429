// Numbers and times in the reader's form.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

export interface Format {
  count: (n: number) => string;
  share: (share: number | null | undefined, digits?: number) => string;
  time: (at: string | null | undefined) => string;
  moment: (at: string | null | undefined) => string;
  minutes: (s: number) => string;
}

/** Shown where there is no value. */
const NONE = "–";

export function useFormat(): Format {
  const { i18n } = useTranslation();
  const language = i18n.language;
  const number = (n: number, digits: number) =>
    n.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return {
    count: (n) => number(n, 0),
    share: (share, digits = 1) =>
      share == null
        ? NONE
        : share.toLocaleString(language, {
            style: "percent",
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
          }),
    time: (at) =>
      at == null ? NONE : new Date(at).toLocaleTimeString(language, { timeStyle: "medium" }),
    moment: (at) =>
      at == null
        ? NONE
        : new Date(at).toLocaleString(language, { dateStyle: "short", timeStyle: "medium" }),
    minutes: (s) => number(s / 60, 1),
  };
}

/** Seconds as m:ss, or h:mm:ss. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** Seconds between two times of the books. */
export function between(from?: string | null, to?: string | null): number | null {
  return from && to ? (Date.parse(to) - Date.parse(from)) / 1_000 : null;
}

/** The page's clock, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

// The room as it is pushed, and the last minutes of each campaign for the chart.

import { useEffect, useRef, useState } from "react";

import type { Floor, Schemas } from "../api/client";
import { listen } from "./socket";

/** One look at a campaign, for the chart. */
export interface Moment {
  s: number;
  ringing: number;
  talking: number;
  ready: number;
  waiting: number;
}

/** Seconds that the chart goes back. */
const REACH_S = 600;
/** At most one look each so many seconds. */
const APART_S = 1;

export interface Room {
  floor: Floor | null;
  connected: boolean;
  alarms: Schemas["AlarmBody"][];
  /** By campaign, oldest first. */
  past: Map<string, Moment[]>;
}

export function useFloor(): Room {
  const [floor, setFloor] = useState<Floor | null>(null);
  const [connected, setConnected] = useState(false);
  const [alarms, setAlarms] = useState<Schemas["AlarmBody"][]>([]);
  const past = useRef(new Map<string, Moment[]>());

  useEffect(() => {
    const take = (seen: Floor) => {
      remember(past.current, seen);
      setFloor(seen);
    };
    return listen(
      null,
      (push) => {
        if (push.type === "floor_snapshot") setAlarms([]);
        if (push.type === "floor_snapshot" || push.type === "floor") take(push.floor);
        if (push.type === "alarms") setAlarms(push.alarms);
      },
      setConnected,
    );
  }, []);

  return { floor, connected, alarms, past: past.current };
}

function remember(past: Map<string, Moment[]>, floor: Floor) {
  const s = Date.parse(floor.at) / 1_000;
  for (const campaign of floor.campaigns) {
    const moments = past.get(campaign.name) ?? [];
    past.set(campaign.name, moments);
    if (s - (moments.at(-1)?.s ?? -Infinity) < APART_S) continue;
    moments.push({
      s,
      ringing: campaign.calls.ringing,
      talking: campaign.agents.talking,
      ready: campaign.agents.ready,
      waiting: campaign.calls.waiting,
    });
    while (s - (moments[0]?.s ?? s) > REACH_S) moments.shift();
  }
}

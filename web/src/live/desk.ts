// One agent's desk as it is pushed: the state, and the person on the line. A page that is loaded
// again, or a socket that drops, finds both in the next snapshot.

import { useEffect, useState } from "react";

import type { AgentState, Preview, Push, Schemas, ScreenPop } from "../api/client";
import { listen } from "./socket";

export interface Desk {
  connected: boolean;
  state: AgentState | null;
  /** Since when, milliseconds of the page's clock. */
  since: number;
  pop: ScreenPop | null;
  offer: Preview | null;
  /** Who is with the agent and the person; `null` until a change is told. */
  company: { with: Schemas["CompanyBody"] | null; together: boolean } | null;
  /** Why the last call by hand was not made. */
  refused: string | null;
}

const EMPTY: Desk = {
  connected: false,
  state: null,
  since: Date.now(),
  pop: null,
  offer: null,
  company: null,
  refused: null,
};

export function useDesk(agent: number): Desk {
  const [desk, setDesk] = useState(EMPTY);
  useEffect(() => {
    setDesk(EMPTY);
    return listen(
      agent,
      (push) => setDesk((before) => after(before, push)),
      (connected) => setDesk((before) => ({ ...before, connected })),
    );
  }, [agent]);
  return desk;
}

function after(desk: Desk, push: Push): Desk {
  switch (push.type) {
    case "agent_snapshot": {
      const since = push.desk ? Date.parse(push.desk.since) : Date.now();
      return { ...desk, state: push, since, pop: push.pop ?? null };
    }
    case "agent": {
      const call = "call" in push ? push.call : null;
      const pop = desk.pop?.call === call ? desk.pop : null;
      const offer = push.state === "previewing" ? desk.offer : null;
      const since = desk.state?.state === push.state ? desk.since : Date.parse(push.at);
      const company = desk.pop?.call === call ? desk.company : null;
      return { ...desk, state: push, since, pop, offer, company };
    }
    case "screen_pop":
      return { ...desk, pop: push, offer: null, refused: null };
    case "company":
      return { ...desk, company: { with: push.with ?? null, together: push.together } };
    case "preview":
      return { ...desk, offer: push, refused: null };
    case "dial_refused":
      return { ...desk, refused: push.sentence };
    default:
      return desk;
  }
}

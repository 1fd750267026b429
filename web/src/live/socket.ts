// What the server pushes: a snapshot, then changes, each with the next number. A gap, or a socket
// that ends, means: connect again and take the fresh snapshot. Nothing polls.

import { checkSession, type Push } from "../api/client";

const PROTOCOL = "outdial.v1";

/** Milliseconds until the next try: at once, then longer, with chance so that a room of desks does
 * not come back in one instant. Never above 4.5 s: a desk is back within five of the server's. */
function wait(tries: number): number {
  return tries === 0 ? 0 : Math.min(500 * 2 ** (tries - 1), 3_000) * (0.5 + Math.random());
}

/** Listens until the returned function is called. */
export function listen(
  agent: number | null,
  tell: (push: Push) => void,
  connected: (is: boolean) => void,
): () => void {
  let socket: WebSocket | null = null;
  let over = false;
  let tries = 0;
  let timer = 0;

  const open = () => {
    if (over) return;
    const url = new URL("/v1/ws", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (agent !== null) url.searchParams.set("agent", String(agent));
    const ours = new WebSocket(url, PROTOCOL);
    socket = ours;
    let next = 0;
    ours.onmessage = (message) => {
      const push = JSON.parse(message.data as string) as Push;
      if (push.seq !== next) {
        ours.close();
        return;
      }
      next += 1;
      tries = 0;
      if (push.seq === 0) connected(true);
      tell(push);
    };
    ours.onclose = () => {
      connected(false);
      if (over) return;
      if (tries === 1) void checkSession().catch(() => undefined);
      timer = window.setTimeout(open, wait(tries));
      tries += 1;
    };
  };

  open();
  return () => {
    over = true;
    window.clearTimeout(timer);
    socket?.close();
  };
}

// What a page asks of the server, and what it says when the answer is no.

import { useState } from "react";

import { sentence } from "./Fault";

export interface Attempt {
  fault: string | null;
  busy: boolean;
  forget: () => void;
  attempt: (what: () => Promise<void>) => void;
}

export function useAttempt(): Attempt {
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = (what: () => Promise<void>) => {
    setBusy(true);
    what()
      .then(() => setFault(null))
      .catch((thrown) => setFault(sentence(thrown)))
      .finally(() => setBusy(false));
  };
  return { fault, busy, forget: () => setFault(null), attempt };
}

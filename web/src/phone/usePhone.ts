// The phone of a desk's page: kept while the page is, and connected again by itself when the page is
// loaded again, so that a call goes on.

import { useCallback, useEffect, useRef, useState } from "react";

import { type Devices, keptDevices, Phone, type PhoneState } from "./phone";

const KEPT_AS = "outdial.phone";

export type Kind = "browser" | "sip";

export interface PagePhone {
  kind: Kind;
  choose: (kind: Kind) => void;
  state: PhoneState;
  devices: Devices;
  use: (devices: Devices) => void;
  phone: Phone | null;
}

export function usePhone(agent: number): PagePhone {
  const kept = localStorage.getItem(KEPT_AS) === "browser" ? "browser" : "sip";
  const [kind, setKind] = useState<Kind>(kept);
  const [state, setState] = useState<PhoneState>({ is: "off" });
  const [devices, setDevices] = useState(keptDevices);
  const phone = useRef<Phone | null>(null);

  useEffect(() => {
    if (kind !== "browser") return;
    const ours = new Phone(agent, keptDevices(), (next) => setState({ ...next }));
    phone.current = ours;
    void ours.begin();
    const leave = () => ours.end();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      phone.current = null;
      ours.end();
    };
  }, [agent, kind]);

  const choose = useCallback((next: Kind) => {
    localStorage.setItem(KEPT_AS, next);
    if (next === "sip") {
      setState({ is: "off" });
      void phone.current?.hangUp().catch(() => {});
    }
    setKind(next);
  }, []);
  const use = useCallback((next: Devices) => {
    setDevices(next);
    void phone.current?.use(next).catch(() => {});
  }, []);
  return { kind, choose, state, devices, use, phone: phone.current };
}

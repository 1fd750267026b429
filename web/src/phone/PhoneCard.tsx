import { Badge, Button, Card, Group, NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import type { TFunction } from "i18next";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { Fault } from "../parts/Fault";
import { Level } from "./Level";
import type { PhoneState } from "./phone";
import type { Kind, PagePhone } from "./usePhone";

const COLORS = { off: "gray", connecting: "yellow", up: "teal", lost: "red", refused: "red" } as const;

/** By what the agent speaks: this page, with which microphone and speaker, or a phone of their own. */
export function PhoneCard({ page, isIn }: { page: PagePhone; isIn: boolean }) {
  const { t } = useTranslation();
  const { kind, state } = page;
  const up = state.is === "up";
  return (
    <Card withBorder component="section" aria-label={t("phone.what")}>
      <Stack>
        <Group justify="space-between">
          <SegmentedControl
            aria-label={t("phone.what")}
            value={kind}
            // Another phone is for the next login.
            disabled={isIn}
            onChange={(next) => page.choose(next as Kind)}
            data={(["sip", "browser"] as const).map((value) => ({
              value,
              label: t(`phone.${value}`),
            }))}
          />
          {kind === "browser" && (
            <Badge color={COLORS[state.is]} variant="light" role="status" aria-label={t("phone.state")}>
              {t(`phone.is.${state.is}`)}
            </Badge>
          )}
        </Group>
        {kind === "browser" && <Fault of={fault(state, t)} onClose={() => undefined} />}
        {kind === "browser" && (
          <>
            <Choice page={page} up={up} />
            <Level of={page.phone?.microphone ?? null} />
            {!isIn && <Echo page={page} up={up} />}
          </>
        )}
      </Stack>
    </Card>
  );
}

function fault(state: PhoneState, t: TFunction): string | null {
  if (state.is !== "refused") return null;
  return state.why === "microphone"
    ? t("phone.noMicrophone")
    : t("phone.noServer", { sentence: state.sentence ?? "" });
}

/** Which microphone and which speaker. */
function Choice({ page, up }: { page: PagePhone; up: boolean }) {
  const { t } = useTranslation();
  const { devices, use } = page;
  const [known, setKnown] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    // Names are given once the microphone is allowed.
    const look = () => void navigator.mediaDevices?.enumerateDevices().then(setKnown);
    look();
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", look);
  }, [up]);
  const of = (kind: MediaDeviceKind) => [
    { value: "", label: t("phone.standard") },
    ...known
      .filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default")
      .map((device) => ({ value: device.deviceId, label: device.label || device.deviceId })),
  ];
  return (
    <Group grow>
      <NativeSelect
        label={t("phone.microphone")}
        value={devices.microphone}
        onChange={(event) => use({ ...devices, microphone: event.currentTarget.value })}
        data={of("audioinput")}
      />
      <NativeSelect
        label={t("phone.speaker")}
        value={devices.speaker}
        onChange={(event) => use({ ...devices, speaker: event.currentTarget.value })}
        data={of("audiooutput")}
      />
    </Group>
  );
}

/** What is said comes back. */
function Echo({ page, up }: { page: PagePhone; up: boolean }) {
  const { t } = useTranslation();
  const [on, setOn] = useState(false);
  useEffect(() => setOn(false), [up]);
  const set = (next: boolean) => {
    setOn(next);
    void page.phone?.echo(next).catch(() => setOn(false));
  };
  return (
    <Group>
      <Button variant="default" disabled={!up} aria-pressed={on} onClick={() => set(!on)}>
        {t(on ? "phone.echoOff" : "phone.echoOn")}
      </Button>
      <Text size="sm" c="dimmed">
        {t("phone.echoWhat")}
      </Text>
    </Group>
  );
}

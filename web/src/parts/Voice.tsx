import { Button, Card, Group, SegmentedControl, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";

const KINDS = ["open", "muted", "held"] as const;
type Kind = Schemas["VoiceKind"];

/** With a person on the line: mute, hold, keys. */
export function Voice(props: { agent: number; act: (asked: () => Promise<unknown>) => void }) {
  const { agent, act } = props;
  const { t } = useTranslation();
  const [voice, setVoice] = useState<Kind>("open");
  const [digits, setDigits] = useState("");
  const params = { path: { id: agent } };

  const set = (next: Kind) => {
    setVoice(next);
    act(() => answered(api.POST("/v1/agents/{id}/voice", { params, body: { voice: next } })));
  };
  const press = (event: FormEvent) => {
    event.preventDefault();
    act(() => answered(api.POST("/v1/agents/{id}/digits", { params, body: { digits } })));
    setDigits("");
  };
  useHotkeys(
    [
      ["alt+M", () => set(voice === "muted" ? "open" : "muted")],
      ["alt+O", () => set(voice === "held" ? "open" : "held")],
    ],
    [],
  );
  return (
    <Card withBorder>
      <Group align="end">
        <SegmentedControl
          aria-label={t("voice.what")}
          value={voice}
          onChange={(next) => set(next as Kind)}
          data={KINDS.map((value) => ({ value, label: t(`voice.${value}`) }))}
        />
        <form onSubmit={press}>
          <Group align="end" gap="xs">
            <TextInput
              label={t("voice.digits")}
              value={digits}
              maxLength={32}
              pattern="[0-9*#A-Da-d]+"
              inputMode="tel"
              required
              onChange={(event) => setDigits(event.currentTarget.value)}
            />
            <Button type="submit" variant="default">
              {t("voice.press")}
            </Button>
          </Group>
        </form>
      </Group>
    </Card>
  );
}

// What an agent does with the person besides talking: hand on, ask somebody else, have three talk, park,
// leave the machine's message.

import { Badge, Button, Card, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";
import type { Desk } from "../live/desk";

type Act = (asked: () => Promise<unknown>) => void;
type Colleagues = Schemas["ColleaguesBody"];

/** Whom one may turn to: asked when the desk's state or company changes. */
function useColleagues(agent: number, desk: Desk): [Colleagues | null, () => void] {
  const [colleagues, setColleagues] = useState<Colleagues | null>(null);
  const look = useCallback(() => {
    answered(api.GET("/v1/agents/{id}/colleagues", { params: { path: { id: agent } } }))
      .then(setColleagues)
      .catch(() => {});
  }, [agent]);
  useEffect(look, [look, desk.state?.state, desk.company]);
  return [colleagues, look];
}

/** With a person on the line. */
export function Handing(props: { agent: number; desk: Desk; act: Act }) {
  const { agent, desk, act } = props;
  const { t } = useTranslation();
  const [colleagues, look] = useColleagues(agent, desk);
  const [colleague, setColleague] = useState("");
  const [number, setNumber] = useState("");
  const params = { path: { id: agent } };

  const company = desk.company ?? (colleagues?.with ? colleagues : null);
  const body = number.trim() ? { number: number.trim() } : { agent: Number(colleague) };
  const chosen = number.trim() !== "" || colleague !== "";
  const say = (what: "conference" | "hand-over" | "dismiss" | "park" | "leave-message") =>
    act(() => answered(api.POST(`/v1/agents/{id}/${what}`, { params })));
  const turn = (what: "transfer" | "consult") => {
    if (chosen) act(() => answered(api.POST(`/v1/agents/{id}/${what}`, { params, body })));
  };
  useHotkeys(
    [
      ["alt+T", () => turn("transfer")],
      ["alt+C", () => turn("consult")],
      ["alt+J", () => say("conference")],
      ["alt+G", () => say("hand-over")],
      ["alt+B", () => say("dismiss")],
      ["alt+K", () => say("park")],
    ],
    [],
  );

  if (company?.with) {
    const name = nameOf(company.with, colleagues) ?? t("handing.outside");
    return (
      <Card withBorder component="section" aria-label={t("handing.title")}>
        <Group>
          <Badge size="lg" variant="light" role="status">
            {t(company.together ? "handing.together" : "handing.apart", { name })}
          </Badge>
          <Button disabled={company.together} onClick={() => say("conference")}>
            {t("handing.conference")}
          </Button>
          <Button variant="default" onClick={() => say("hand-over")}>
            {t("handing.handOver")}
          </Button>
          <Button variant="default" onClick={() => say("dismiss")}>
            {t("handing.dismiss")}
          </Button>
        </Group>
      </Card>
    );
  }
  return (
    <Card withBorder component="section" aria-label={t("handing.title")}>
      <Stack gap="xs">
        <Group align="end">
          <NativeSelect
            label={t("handing.colleague")}
            value={colleague}
            onFocus={look}
            onChange={(event) => setColleague(event.currentTarget.value)}
            data={[
              { value: "", label: "–" },
              ...(colleagues?.colleagues ?? []).map((other) => ({
                value: String(other.id),
                label: other.name,
                disabled: !other.ready,
              })),
            ]}
          />
          <TextInput
            label={t("handing.number")}
            value={number}
            inputMode="tel"
            maxLength={32}
            onChange={(event) => setNumber(event.currentTarget.value)}
          />
          <Button disabled={!chosen} onClick={() => turn("transfer")}>
            {t("handing.transfer")}
          </Button>
          <Button disabled={!chosen} variant="default" onClick={() => turn("consult")}>
            {t("handing.consult")}
          </Button>
        </Group>
        <Group gap="xs">
          <Button variant="default" onClick={() => say("park")}>
            {t("handing.park")}
          </Button>
          <Button variant="default" onClick={() => say("leave-message")}>
            {t("handing.leaveMessage")}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

/** Parked calls that the agent may take up. */
export function Parked(props: { agent: number; desk: Desk; act: Act }) {
  const { agent, desk, act } = props;
  const { t } = useTranslation();
  const [colleagues, look] = useColleagues(agent, desk);
  const params = { path: { id: agent } };
  const parked = colleagues?.parked ?? [];
  if (parked.length === 0) return null;
  return (
    <Card withBorder component="section" aria-label={t("handing.parked")}>
      <Group gap="xs">
        {parked.map(({ call, by }) => (
          <Button
            key={call}
            variant="default"
            onClick={() =>
              act(async () => {
                const body = { call };
                await answered(api.POST("/v1/agents/{id}/retrieve", { params, body })).finally(look);
              })
            }
          >
            {t("handing.retrieve", { call, by: nameOf({ agent: by }, colleagues) ?? "–" })}
          </Button>
        ))}
      </Group>
    </Card>
  );
}

/** After a call by hand: the same number again, if the rules allow it. */
export function Redial(props: { agent: number; lead: number; act: Act }) {
  const { agent, lead, act } = props;
  const { t } = useTranslation();
  const params = { path: { id: agent } };
  return (
    <Group>
      <Button
        variant="default"
        onClick={() =>
          act(() => answered(api.POST("/v1/agents/{id}/dial", { params, body: { lead } })))
        }
      >
        {t("handing.redial")}
      </Button>
    </Group>
  );
}

function nameOf(who: Schemas["CompanyBody"], colleagues: Colleagues | null) {
  if (!("agent" in who)) return null;
  return colleagues?.colleagues.find((other) => other.id === who.agent)?.name ?? null;
}

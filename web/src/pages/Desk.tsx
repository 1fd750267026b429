import {
  Badge,
  Button,
  Card,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Agent, answered, api, type Preview } from "../api/client";
import { type Desk, useDesk } from "../live/desk";
import { Fault, sentence } from "../parts/Fault";
import { clock, useFormat, useNow } from "../parts/format";
import { Handing, Parked, Redial } from "../parts/Handing";
import { LeadLines, Person } from "../parts/Person";
import { Voice } from "../parts/Voice";
import { PhoneCard } from "../phone/PhoneCard";
import { usePhone } from "../phone/usePhone";

const KEPT_AS = "outdial.agent";
const REASONS = ["lunch", "break", "training", "meeting"] as const;

/** Asks who sits here, once a tab, and shows that desk. */
export function DeskPage(props: {
  /** The desk of who is signed in; `null` for who leads the shift and may sit down at any. */
  own?: number | null;
  onConnected: (is: boolean | null) => void;
}) {
  const { own, onConnected } = props;
  const { t } = useTranslation();
  const [agents, setAgents] = useState<Agent[]>([]);
  const [mine, setMine] = useState(Number(sessionStorage.getItem(KEPT_AS)) || null);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    if (own != null) return;
    answered(api.GET("/v1/agents"))
      .then(setAgents)
      .catch((thrown) => setFault(sentence(thrown)));
  }, [own]);
  useEffect(() => () => onConnected(null), [onConnected]);

  const choose = (id: string) => {
    sessionStorage.setItem(KEPT_AS, id);
    setMine(Number(id) || null);
  };

  const desk = own ?? mine;
  return (
    <Stack maw={900} mx="auto">
      <Fault of={fault} onClose={() => setFault(null)} />
      {own == null && (
      <NativeSelect
        label={t("desk.who")}
        value={mine ?? ""}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: "", label: "–" },
          ...agents.map((agent) => ({
            value: String(agent.id),
            label: `${agent.name} (${agent.extension})`,
          })),
        ]}
      />
      )}
      {desk !== null && <OneDesk key={desk} agent={desk} onConnected={onConnected} />}
    </Stack>
  );
}

function OneDesk(props: { agent: number; onConnected: (is: boolean) => void }) {
  const { agent, onConnected } = props;
  const { t } = useTranslation();
  const desk = useDesk(agent);
  const phone = usePhone(agent);
  const now = useNow();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => onConnected(desk.connected), [desk.connected, onConnected]);

  const params = { path: { id: agent } };
  const act = (asked: () => Promise<unknown>) => {
    setBusy(true);
    asked()
      .then(() => setFault(null))
      .catch((thrown) => setFault(sentence(thrown)))
      .finally(() => setBusy(false));
  };
  const ready = () => act(() => answered(api.POST("/v1/agents/{id}/ready", { params })));
  const hangUp = () => act(() => answered(api.POST("/v1/agents/{id}/hang-up", { params })));
  const pause = (reason: string) =>
    act(() => answered(api.POST("/v1/agents/{id}/pause", { params, body: { reason } })));

  useHotkeys(
    [
      ["alt+R", ready],
      ["alt+H", hangUp],
      ["alt+P", () => pause("break")],
    ],
    [],
  );

  const state = desk.state?.state ?? "logged_out";
  const isIn = state !== "logged_out";
  return (
    <Stack>
      <Card withBorder>
        <Group justify="space-between">
          <Group>
            <Badge size="xl" role="status">
              {t(`state.${state}`)}
            </Badge>
            {isIn && (
              <Text className="number">{clock((now - desk.since) / 1_000)}</Text>
            )}
          </Group>
          <Group gap="xs">
            {!isIn && (
              <Button
                loading={busy}
                disabled={phone.kind === "browser" && phone.state.is !== "up"}
                onClick={() => act(() => answered(api.POST("/v1/agents/{id}/login", { params })))}
              >
                {t(phone.kind === "browser" ? "phone.logIn" : "desk.logIn")}
              </Button>
            )}
            {isIn && (
              <>
                <Button disabled={state === "ready"} onClick={ready}>
                  {t("desk.ready")}
                </Button>
                {REASONS.map((reason) => (
                  <Button key={reason} variant="default" onClick={() => pause(reason)}>
                    {t("desk.pause")}: {t(`desk.reasons.${reason}`)}
                  </Button>
                ))}
                <Button
                  color="red"
                  disabled={state !== "talking" && state !== "reserved"}
                  onClick={hangUp}
                >
                  {t("desk.hangUp")}
                </Button>
                <Button
                  variant="subtle"
                  color="gray"
                  onClick={() => act(() => answered(api.POST("/v1/agents/{id}/logout", { params })))}
                >
                  {t("desk.logOut")}
                </Button>
              </>
            )}
          </Group>
        </Group>
      </Card>
      <PhoneCard page={phone} isIn={isIn} />
      {state === "talking" && <Voice key={desk.pop?.call} agent={agent} act={act} />}
      {state === "talking" && (
        <Handing key={`with ${desk.pop?.call}`} agent={agent} desk={desk} act={act} />
      )}
      {isIn && state !== "talking" && <Parked agent={agent} desk={desk} act={act} />}
      {state === "wrap_up" && desk.pop && (
        <Redial agent={agent} lead={desk.pop.lead.id} act={act} />
      )}
      <Fault of={fault} onClose={() => setFault(null)} />
      <Fault
        of={desk.refused && t("desk.refused", { sentence: desk.refused })}
        onClose={() => undefined}
      />
      <OnTheLine desk={desk} agent={agent} act={act} />
      <Text size="xs" c="dimmed">
        {t("desk.keys")} {t("handing.keys")}
      </Text>
    </Stack>
  );
}

type Act = (asked: () => Promise<unknown>) => void;

function OnTheLine({ desk, agent, act }: { desk: Desk; agent: number; act: Act }) {
  const { t } = useTranslation();
  if (desk.pop) return <Person key={desk.pop.call} pop={desk.pop} agent={agent} act={act} />;
  if (desk.offer) return <Offer offer={desk.offer} agent={agent} act={act} />;
  const state = desk.state?.state;
  const words =
    state === "ready" ? "desk.waiting" : state === "reserved" ? "desk.coming" : "desk.nobody";
  return <Text c="dimmed">{t(words)}</Text>;
}

function Offer({ offer, agent, act }: { offer: Preview; agent: number; act: Act }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [reason, setReason] = useState("");
  const params = { path: { id: agent } };
  return (
    <Card withBorder component="section" aria-label={t("desk.offered")}>
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            {t("desk.offered")}
          </Title>
          {offer.until && (
            <Text className="number">{t("desk.until", { time: format.time(offer.until) })}</Text>
          )}
        </Group>
        <LeadLines lead={offer.lead} campaign={offer.campaign} />
        <Group align="end">
          <Button
            onClick={() => act(() => answered(api.POST("/v1/agents/{id}/dial", { params, body: null })))}
          >
            {t("desk.dial")}
          </Button>
          <TextInput
            label={t("desk.skipReason")}
            value={reason}
            maxLength={64}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={reason.trim() === ""}
            onClick={() =>
              act(() => answered(api.POST("/v1/agents/{id}/skip", { params, body: { reason } })))
            }
          >
            {t("desk.skip")}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

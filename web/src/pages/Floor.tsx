import {
  Alert,
  Badge,
  Button,
  Card,
  Group,
  Loader,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Campaign } from "../api/client";
import { type Moment, useFloor } from "../live/floor";
import { Alarms } from "../parts/Alarms";
import { Chart } from "../parts/Chart";
import { Fault, sentence } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { WindowBar } from "../parts/WindowBar";
import { Agents } from "./Agents";
import { Decisions } from "./Decisions";

const PHASE_COLORS = { running: "teal", paused: "yellow", stopped: "gray" } as const;
export function FloorPage(props: {
  mayLead: boolean;
  /** The agent whose desk is the user's own. */
  own: number | null;
  onConnected: (is: boolean | null) => void;
}) {
  const { mayLead, own, onConnected } = props;
  const { t } = useTranslation();
  const { floor, connected, alarms, past } = useFloor();
  useEffect(() => onConnected(connected), [connected, onConnected]);
  useEffect(() => () => onConnected(null), [onConnected]);

  if (!floor) {
    return (
      <Group>
        <Loader size="sm" />
        <Text>{t("page.loading")}</Text>
      </Group>
    );
  }
  return (
    <Stack>
      <Alarms alarms={alarms} />
      {floor.draining && <Alert color="orange">{t("page.draining")}</Alert>}
      <SimpleGrid cols={{ base: 1, lg: floor.campaigns.length > 1 ? 2 : 1 }}>
        {floor.campaigns.map((campaign) => (
          <CampaignCard
            key={campaign.name}
            campaign={campaign}
            at={floor.at}
            moments={past.get(campaign.name) ?? []}
            mayLead={mayLead}
          />
        ))}
      </SimpleGrid>
      <Agents agents={floor.agents} mayLead={mayLead} own={own} />
    </Stack>
  );
}

function CampaignCard(props: {
  campaign: Campaign;
  at: string;
  moments: Moment[];
  mayLead: boolean;
}) {
  const { campaign, at, moments, mayLead } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const [fault, setFault] = useState<string | null>(null);
  const [shown, setShown] = useState(false);

  const act = async (what: "start" | "pause" | "stop") => {
    try {
      const params = { path: { name: campaign.name } };
      await answered(api.POST(`/v1/campaigns/{name}/${what}`, { params }));
      setFault(null);
    } catch (thrown) {
      setFault(sentence(thrown));
    }
  };

  return (
    <Card withBorder component="section" aria-label={campaign.name}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={2} size="h4">
              {campaign.name}
            </Title>
            <Badge color={PHASE_COLORS[campaign.phase]}>{t(`phase.${campaign.phase}`)}</Badge>
          </Group>
          <Group gap="xs">
            <Button
              size="xs"
              disabled={!mayLead || campaign.phase === "running"}
              onClick={() => void act("start")}
            >
              {t("floor.start")}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={!mayLead || campaign.phase !== "running"}
              onClick={() => void act("pause")}
            >
              {t("floor.pause")}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={!mayLead || campaign.phase === "stopped"}
              onClick={() => void act("stop")}
            >
              {t("floor.stop")}
            </Button>
          </Group>
        </Group>
        <Fault of={fault} onClose={() => setFault(null)} />
        <Why campaign={campaign} />
        <Figures campaign={campaign} />
        <Chart moments={moments} at={at} />
        {campaign.windows.map((window) => (
          <WindowBar key={window.window} window={window} />
        ))}
        <Group justify="space-between">
          <Text size="xs" c="dimmed" className="number">
            {t("floor.leads")}: {format.count(campaign.hopper)}
            {campaign.exhausted && ` · ${t("floor.exhausted")}`}
            {campaign.next_lead_at &&
              ` · ${t("floor.nextLead", { time: format.moment(campaign.next_lead_at) })}`}
          </Text>
          <Button
            size="compact-xs"
            variant="subtle"
            aria-expanded={shown}
            onClick={() => setShown(!shown)}
          >
            {t("floor.decisions")}
          </Button>
        </Group>
        {shown && <Decisions campaign={campaign.name} />}
      </Stack>
    </Card>
  );
}

function Why({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  return (
    <Stack gap={2}>
      <Text size="xs" c="dimmed">
        {t("floor.why")}
      </Text>
      <Text size="sm" className="number" mih="2.6em" lang="en">
        {campaign.why?.sentence ?? "–"}
      </Text>
      {campaign.calibration?.off && (
        <Alert color="orange" p="xs">
          {t("floor.forecastsOff")}
        </Alert>
      )}
    </Stack>
  );
}

function Figures({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { calls, agents, totals } = campaign;
  const perHour = campaign.talk_s_per_agent_hour;
  const figures: [string, string][] = [
    [t("floor.ringing"), format.count(calls.ringing)],
    [t("floor.screening"), format.count(calls.screening)],
    [t("floor.waiting"), format.count(calls.waiting)],
    [t("floor.talking"), format.count(agents.talking)],
    [t("floor.ready"), format.count(agents.ready)],
    [t("floor.wrapUp"), format.count(agents.wrap_up)],
    [t("floor.paused"), format.count(agents.paused)],
    [t("floor.dialed"), format.count(totals.dialed)],
    [t("floor.people"), format.count(totals.people)],
    [t("floor.abandoned"), format.count(totals.abandoned)],
    [t("floor.answerRate"), format.share(campaign.answer_rate)],
    [
      t("floor.talkPerHour"),
      perHour == null ? "–" : `${format.minutes(perHour)} ${t("floor.minutes")}`,
    ],
  ];
  return (
    <SimpleGrid cols={{ base: 3, sm: 4, md: 6 }} spacing="xs" verticalSpacing={4}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <Text fw={600} className="number">
            {value}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}

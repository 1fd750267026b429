import { Button, Group, NativeSelect, Slider, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Campaign, type Schemas } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Curve } from "../parts/Curve";
import { Fault } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { Rows } from "../parts/Rows";

type Report = Schemas["TuneReport"];
type Point = Schemas["TunePoint"];

/** The simulator on the campaign's own past: talk against abandonment. */
export function Tune() {
  const { t } = useTranslation();
  const format = useFormat();
  const [campaigns, setCampaigns] = useState<Campaign[]>([]);
  const [name, setName] = useState("");
  const [agents, setAgents] = useState(0);
  const [ring, setRing] = useState(25);
  const [target, setTarget] = useState(3);
  const [report, setReport] = useState<Report | null>(null);
  const { fault, busy, forget, attempt } = useAttempt();

  const choose = (among: Campaign[], chosen: string) => {
    const campaign = among.find((one) => one.name === chosen);
    setName(chosen);
    setReport(null);
    setAgents(0);
    if (!campaign) return;
    setRing(campaign.ring_s_max);
    setTarget(100 * campaign.abandonment_target);
  };
  useEffect(
    () =>
      attempt(async () => {
        const known = await answered(api.GET("/v1/campaigns"));
        setCampaigns(known);
        choose(known, known[0]?.name ?? "");
      }),
    [],
  );
  const run = () =>
    attempt(async () => {
      const body = { agents: agents || null, ring_s_max: ring, target_percent: target };
      const params = { path: { name } };
      const said = await answered(api.POST("/v1/campaigns/{name}/tune", { params, body }));
      setReport(said);
      if (!agents) setAgents(said.agents);
    });

  const row = (key: string, label: string, point: Point) => ({
    key,
    cells: [
      label,
      format.share(point.target_percent / 100),
      format.share(point.abandonment_percent / 100, 2),
      format.minutes(60 * point.talk_min_per_agent_hour),
    ],
  });
  const change = report
    ? report.asked.talk_min_per_agent_hour - report.present.talk_min_per_agent_hour
    : 0;
  return (
    <Stack>
      <Text size="sm">{t("tune.what")}</Text>
      <NativeSelect
        label={t("calls.campaign")}
        maw={300}
        value={name}
        data={campaigns.map((campaign) => campaign.name)}
        onChange={(event) => choose(campaigns, event.currentTarget.value)}
      />
      <Group grow align="start" preventGrowOverflow={false}>
        <Dial
          label={t("tune.agents")}
          value={agents}
          range={[0, Math.max(20, 2 * (report?.agents ?? 10))]}
          step={1}
          shown={agents ? format.count(agents) : t("tune.asBefore")}
          onChange={setAgents}
        />
        <Dial
          label={t("campaigns.target")}
          value={target}
          range={[0, 6]}
          step={0.1}
          shown={format.share(target / 100)}
          onChange={setTarget}
        />
        <Dial
          label={t("campaigns.ring")}
          value={ring}
          range={[5, 60]}
          step={1}
          shown={format.count(ring)}
          onChange={setRing}
        />
      </Group>
      <Button loading={busy} disabled={!name} onClick={run} w="fit-content">
        {t("tune.run")}
      </Button>
      <Fault of={fault} onClose={forget} />
      {report && (
        <>
          <Title order={2} size="h3">
            {t("tune.curve")}
          </Title>
          <Curve points={report.curve} present={report.present} asked={report.asked} />
          <Text role="status">
            {t("tune.change", {
              target: format.share(report.asked.target_percent / 100),
              minutes: format.minutes(60 * Math.abs(change)),
              more: t(change < 0 ? "tune.fewer" : "tune.more"),
            })}
          </Text>
          <Rows
            head={["", t("campaigns.target"), t("floor.abandonment"), t("floor.talkPerHour")]}
            rows={[
              row("happened", t("tune.happened"), report.happened),
              row("present", t("tune.present"), report.present),
              row("asked", t("tune.asked"), report.asked),
              ...report.curve.map((point) =>
                row(String(point.target_percent), t("tune.point"), point),
              ),
            ]}
          />
          <Text size="sm" c="dimmed">
            {t("tune.made", {
              from: format.moment(report.begins_at),
              to: format.moment(report.ends_at),
              agents: format.count(report.agents),
              people: format.share(report.people_percent / 100),
              talk: format.count(Math.round(report.talk_mean_s)),
            })}
          </Text>
        </>
      )}
    </Stack>
  );
}

function Dial(props: {
  label: string;
  value: number;
  range: [number, number];
  step: number;
  shown: string;
  onChange: (value: number) => void;
}) {
  const [min, max] = props.range;
  return (
    <Stack gap={4} miw={220}>
      <Text size="sm" fw={500}>
        {props.label}: {props.shown}
      </Text>
      <Slider
        thumbLabel={props.label}
        label={null}
        value={props.value}
        min={min}
        max={max}
        step={props.step}
        onChange={props.onChange}
      />
    </Stack>
  );
}

import { Alert, Badge, Button, Group, NumberInput, Stack, Textarea, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Campaign, type Schemas, type Session } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { download } from "../parts/download";
import { Fault } from "../parts/Fault";
import { Rows } from "../parts/Rows";
import { may } from "./rights";

/** Milliseconds after the last key until a file is checked. */
const CHECKED_AFTER = 400;
const BEGUN = `country = "US"
caller_ids = ["+12015550100"]
trunks = ["main"]
rulebooks = ["us-tsr-tcpa", "house"]
`;

/** Every campaign: on and off, and the two settings that are changed as it runs. */
export function Campaigns({ who }: { who: Session }) {
  const { t } = useTranslation();
  const [campaigns, setCampaigns] = useState<Campaign[]>([]);
  const { fault, forget, attempt } = useAttempt();
  const refresh = async () => setCampaigns(await answered(api.GET("/v1/campaigns")));
  useEffect(() => attempt(refresh), []);

  return (
    <Stack>
      <Fault of={fault} onClose={forget} />
      <Rows
        head={[t("calls.campaign"), t("users.state"), t("campaigns.ring"), t("campaigns.target"), ""]}
        rows={campaigns.map((campaign) => ({
          key: campaign.name,
          cells: cells({ campaign, who, t, then: () => attempt(refresh), attempt }),
        }))}
      />
      {may.manage(who) && <CampaignFile names={campaigns.map(({ name }) => name)} />}
    </Stack>
  );
}

function cells(props: {
  campaign: Campaign;
  who: Session;
  t: ReturnType<typeof useTranslation>["t"];
  then: () => void;
  attempt: (what: () => Promise<void>) => void;
}) {
  const { campaign, who, t, then, attempt } = props;
  const params = { path: { name: campaign.name } };
  const act = (what: "start" | "pause" | "stop") =>
    attempt(async () => {
      await answered(api.POST(`/v1/campaigns/{name}/${what}`, { params }));
      then();
    });
  const set = (body: Schemas["CampaignSettingsBody"]) =>
    attempt(async () => {
      await answered(api.POST("/v1/campaigns/{name}/settings", { params, body }));
      then();
    });
  const leads = may.lead(who);
  const manages = may.manage(who);
  return [
    campaign.name,
    <Badge key="phase" color={campaign.phase === "running" ? "teal" : "gray"} variant="light">
      {t(`phase.${campaign.phase}`)}
    </Badge>,
    <Setting
      key={`ring${campaign.ring_s_max}`}
      label={`${t("campaigns.ring")}: ${campaign.name}`}
      value={campaign.ring_s_max}
      step={1}
      disabled={!manages}
      onSet={(ring_s_max) => set({ ring_s_max })}
    />,
    <Setting
      key={`target${campaign.abandonment_target}`}
      label={`${t("campaigns.target")}: ${campaign.name}`}
      value={100 * campaign.abandonment_target}
      step={0.1}
      disabled={!manages}
      onSet={(percent) => set({ abandonment_target: percent / 100 })}
    />,
    <Group key="act" gap={4} justify="end">
      {(["start", "pause", "stop"] as const).map((what) => (
        <Button
          key={what}
          size="compact-sm"
          variant={what === "start" ? "filled" : "default"}
          disabled={!leads}
          onClick={() => act(what)}
        >
          {t(`floor.${what}`)}
        </Button>
      ))}
    </Group>,
  ];
}

/** A number that is set by Enter, or by leaving it. */
function Setting(props: {
  label: string;
  value: number;
  step: number;
  disabled: boolean;
  onSet: (value: number) => void;
}) {
  const shown = Number(props.value.toFixed(2));
  const [value, setValue] = useState<string | number>(shown);
  const set = () => {
    if (typeof value === "number" && value !== shown) props.onSet(value);
  };
  return (
    <NumberInput
      aria-label={props.label}
      size="xs"
      w={90}
      value={value}
      step={props.step}
      disabled={props.disabled}
      onChange={setValue}
      onBlur={set}
      onKeyDown={(event) => event.key === "Enter" && set()}
    />
  );
}

/** A campaign's file: begun or opened, checked as it is written, kept in the folder of campaigns. */
function CampaignFile({ names }: { names: string[] }) {
  const { t } = useTranslation();
  const [name, setName] = useState("spring");
  const [toml, setToml] = useState(BEGUN);
  /** Of the file of this name, as it was read or kept; another one is not written over. */
  const [before, setBefore] = useState<{ name: string; toml: string } | null>(null);
  const [kept, setKept] = useState(false);
  const [written] = useDebouncedValue(`${name}\n${toml}`, CHECKED_AFTER);
  const [report, setReport] = useState<Schemas["CampaignFileReport"] | null>(null);
  const { fault, forget, attempt } = useAttempt();

  useEffect(
    () =>
      attempt(async () => {
        const body = { name, toml };
        setReport(await answered(api.POST("/v1/campaign-files/check", { body })));
      }),
    [written],
  );

  const write = (next: string) => {
    setKept(false);
    setToml(next);
  };
  const open = (of: string) =>
    attempt(async () => {
      const params = { path: { name: of } };
      const file = await answered(api.GET("/v1/campaign-files/{name}", { params }));
      setName(of);
      write(file.toml);
      setBefore(file);
    });
  const keep = () =>
    attempt(async () => {
      const body = { toml, before: before?.name === name ? before.toml : null };
      const params = { path: { name } };
      await answered(api.PUT("/v1/campaign-files/{name}", { params, body }));
      setBefore({ name, toml });
      setKept(true);
    });

  const rows = (faults: Schemas["CampaignFileFault"][]) =>
    faults.map(({ line, column, message, remedy }, place) => ({
      key: String(place),
      cells: [line ?? "–", column ?? "–", message, remedy],
    }));
  const found = report ? [...report.faults, ...report.advice] : [];
  return (
    <Stack>
      <Title order={2} size="h3">
        {t("campaigns.file")}
      </Title>
      <Group align="end">
        <TextInput
          label={t("campaigns.fileName")}
          value={name}
          maw={300}
          maxLength={64}
          onChange={(event) => {
            setKept(false);
            setName(event.currentTarget.value);
          }}
        />
        {names.map((known) => (
          <Button key={known} variant="default" onClick={() => open(known)}>
            {t("campaigns.open")}: {known}
          </Button>
        ))}
      </Group>
      <Textarea
        label={t("campaigns.toml")}
        description={t("campaigns.where", { name })}
        value={toml}
        autosize
        minRows={8}
        maxRows={30}
        spellCheck={false}
        styles={{ input: { fontFamily: "monospace" } }}
        onChange={(event) => write(event.currentTarget.value)}
      />
      <Fault of={fault} onClose={forget} />
      {report && found.length === 0 && (
        <Alert color="teal" role="status">
          {t("campaigns.right")}
        </Alert>
      )}
      {found.length > 0 && (
        <Rows
          head={[
            t("campaigns.line"),
            t("campaigns.column"),
            t("campaigns.fault"),
            t("campaigns.remedy"),
          ]}
          rows={rows(found)}
        />
      )}
      {kept && (
        <Alert color="teal" role="status">
          {t("campaigns.kept")}
        </Alert>
      )}
      <Group>
        <Button disabled={!report || report.faults.length > 0} onClick={keep}>
          {t("campaigns.keep")}
        </Button>
        <Button
          variant="default"
          disabled={!report || report.faults.length > 0}
          onClick={() => download(`${name}.toml`, toml)}
        >
          {t("campaigns.download")}
        </Button>
      </Group>
    </Stack>
  );
}

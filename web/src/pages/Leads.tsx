import {
  Alert,
  Button,
  FileInput,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas, type Session } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { download } from "../parts/download";
import { Fault } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { Rows } from "../parts/Rows";
import { may } from "./rights";

const FIELDS = ["phone", "first_name", "last_name", "state", "zip"] as const;
type Report = Schemas["LeadsReport"];

/** Leads of a campaign: in by a file, and found. */
export function Leads({ who }: { who: Session }) {
  const { t } = useTranslation();
  const [names, setNames] = useState<string[]>([]);
  const [campaign, setCampaign] = useState("");
  const { fault, forget, attempt } = useAttempt();

  useEffect(
    () =>
      attempt(async () => {
        const known = (await answered(api.GET("/v1/campaigns"))).map(({ name }) => name);
        setNames(known);
        setCampaign(known[0] ?? "");
      }),
    [],
  );

  return (
    <Stack>
      <Fault of={fault} onClose={forget} />
      <NativeSelect
        label={t("calls.campaign")}
        maw={300}
        value={campaign}
        data={names}
        onChange={(event) => setCampaign(event.currentTarget.value)}
      />
      {campaign && may.manage(who) && <Import key={`in ${campaign}`} campaign={campaign} />}
      {campaign && may.manage(who) && <Recycle key={`again ${campaign}`} campaign={campaign} />}
      {campaign && (
        <Search key={`of ${campaign}`} campaign={campaign} mayChange={may.manage(who)} />
      )}
    </Stack>
  );
}

/** A file is looked at first; each column may be said to be another field. */
function Import({ campaign }: { campaign: string }) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const [mapped, setMapped] = useState<Record<string, string>>({});
  const [report, setReport] = useState<Report | null>(null);
  const [done, setDone] = useState(false);
  const { fault, busy, forget, attempt } = useAttempt();

  const send = (path: "/v1/campaigns/{name}/leads" | "/v1/campaigns/{name}/leads/check") =>
    async (of: File, map: Record<string, string>, skip_bad: boolean) => {
      const said = Object.entries(map).filter(([field]) => field);
      const query = {
        map: said.map(([field, header]) => `${field}=${header}`).join(",") || undefined,
        skip_bad,
        file: of.name,
      };
      const params = { path: { name: campaign }, query };
      const text = await of.text();
      const options = {
        params,
        body: text,
        bodySerializer: (body: string) => body,
        headers: { "Content-Type": "text/csv" },
      };
      return await answered(api.POST(path, options));
    };
  const look = (of: File, map: Record<string, string>) =>
    attempt(async () => {
      setDone(false);
      setReport(await send("/v1/campaigns/{name}/leads/check")(of, map, false));
    });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    setMapped({});
    setReport(null);
    if (chosen) look(chosen, {});
  };
  const say = (field: string, header: string) => {
    if (!file) return;
    const next = Object.fromEntries(Object.entries(mapped).filter(([, of]) => of !== header));
    if (field) next[field] = header;
    setMapped(next);
    look(file, next);
  };
  const take = (skipBad: boolean) => {
    if (!file) return;
    attempt(async () => {
      const taken = await send("/v1/campaigns/{name}/leads")(file, mapped, skipBad);
      setReport((before) => ({ ...taken, columns: before?.columns ?? [], sample: [] }));
      setDone(true);
    });
  };

  return (
    <Stack>
      <Title order={2} size="h3">
        {t("leads.import")}
      </Title>
      <FileInput
        label={t("leads.file")}
        description={t("leads.kinds")}
        accept=".csv,.txt,.tsv,text/csv"
        maw={420}
        value={file}
        onChange={choose}
        clearable
        clearButtonProps={{ "aria-label": t("leads.clear") }}
      />
      <Fault of={fault} onClose={forget} />
      {report && !done && report.columns.length > 0 && (
        <Rows
          head={[t("leads.column"), t("leads.field"), t("leads.sample")]}
          rows={report.columns.map(({ header, field }, place) => ({
            key: String(place),
            cells: [
              header,
              <NativeSelect
                key="field"
                size="xs"
                aria-label={`${t("leads.field")}: ${header}`}
                value={field ?? ""}
                data={[
                  { value: "", label: t("leads.attribute") },
                  ...FIELDS.map((value) => ({ value, label: t(`leads.fields.${value}`) })),
                ]}
                onChange={(event) => say(event.currentTarget.value, header)}
              />,
              report.sample.map((row) => row[place]).join(" · "),
            ],
          }))}
        />
      )}
      {report?.unreadable && (
        <Alert color="red" role="alert">
          {report.unreadable}
        </Alert>
      )}
      {report && !report.unreadable && (
        <Outcome report={report} done={done} busy={busy} onTake={take} campaign={campaign} />
      )}
    </Stack>
  );
}

function Outcome(props: {
  report: Report;
  done: boolean;
  busy: boolean;
  campaign: string;
  onTake: (skipBad: boolean) => void;
}) {
  const { report, done, busy, campaign, onTake } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const good =
    report.rows - report.bad - report.duplicates_in_file - report.duplicates_in_campaign;
  const rejects = report.rejects;
  return (
    <Stack>
      <Text role="status">
        {t(done ? "leads.taken" : "leads.would", {
          rows: format.count(report.rows),
          good: format.count(done ? report.landed : good),
          bad: format.count(report.bad),
          twice: format.count(report.duplicates_in_file),
          known: format.count(report.duplicates_in_campaign),
        })}
      </Text>
      {report.faults.length > 0 && (
        <Rows
          head={[t("campaigns.line"), t("leads.column"), t("campaigns.fault")]}
          rows={report.faults.map(({ line, column, reason }, place) => ({
            key: String(place),
            cells: [line, column, reason],
          }))}
        />
      )}
      <Group>
        {!done && (
          <Button loading={busy} disabled={report.bad > 0 || good === 0} onClick={() => onTake(false)}>
            {t("leads.take")}
          </Button>
        )}
        {!done && report.bad > 0 && (
          <Button
            loading={busy}
            variant="default"
            disabled={good === 0}
            onClick={() => onTake(true)}
          >
            {t("leads.takeGood")}
          </Button>
        )}
        {rejects && (
          <Button variant="default" onClick={() => download(`${campaign}.rejects.csv`, rejects)}>
            {t("leads.rejects")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** Leads are due again by what was said of them last. */
function Recycle({ campaign }: { campaign: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [codes, setCodes] = useState("");
  const [done, setDone] = useState<number | null>(null);
  const { fault, busy, forget, attempt } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      const dispositions = codes.split(/[\s,]+/).filter(Boolean);
      const params = { path: { name: campaign } };
      const body = { dispositions };
      setDone((await answered(api.POST("/v1/campaigns/{name}/recycle", { params, body }))).leads);
    });
  };
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("recycle.title")}
      </Title>
      <form onSubmit={submit}>
        <Group align="end">
          <TextInput
            label={t("recycle.codes")}
            description={t("recycle.why")}
            value={codes}
            required
            onChange={(event) => setCodes(event.currentTarget.value)}
          />
          <Button type="submit" loading={busy} variant="default">
            {t("recycle.go")}
          </Button>
        </Group>
      </form>
      <Fault of={fault} onClose={forget} />
      {done !== null && <Text role="status">{t("recycle.done", { leads: format.count(done) })}</Text>}
    </Stack>
  );
}

type Lead = Schemas["FoundLeadBody"];

/** A lead's own words. */
function Mend(props: { campaign: string; lead: Lead; onDone: (changed: Lead) => void }) {
  const { campaign, lead, onDone } = props;
  const { t } = useTranslation();
  const [texts, setTexts] = useState({
    first_name: lead.first_name ?? "",
    last_name: lead.last_name ?? "",
    state: lead.state ?? "",
    zip: lead.zip ?? "",
  });
  const { fault, busy, forget, attempt } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      const params = { path: { name: campaign, id: lead.id } };
      await answered(api.PATCH("/v1/campaigns/{name}/leads/{id}", { params, body: texts }));
      onDone({ ...lead, ...texts });
    });
  };
  const labels = {
    first_name: t("recycle.firstName"),
    last_name: t("recycle.lastName"),
    state: t("desk.state"),
    zip: t("desk.zip"),
  };
  return (
    <form onSubmit={submit} aria-label={`${t("recycle.mend")}: ${lead.phone}`}>
      <Group align="end">
        <Text className="number">{lead.phone}</Text>
        {(["first_name", "last_name", "state", "zip"] as const).map((field) => (
          <TextInput
            key={field}
            label={labels[field]}
            value={texts[field]}
            maxLength={64}
            onChange={(event) => {
              const value = event.currentTarget.value;
              setTexts((before) => ({ ...before, [field]: value }));
            }}
          />
        ))}
        <Button type="submit" loading={busy}>
          {t("recycle.keep")}
        </Button>
      </Group>
      <Fault of={fault} onClose={forget} />
    </form>
  );
}

const PAGE = 50;

function Search({ campaign, mayChange }: { campaign: string; mayChange: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [text, setText] = useState("");
  const [leads, setLeads] = useState<Lead[] | null>(null);
  const [mended, setMended] = useState<Lead | null>(null);
  const { fault, forget, attempt } = useAttempt();

  const find = (after: number | null) =>
    attempt(async () => {
      const query = { find: text.trim() || undefined, after: after ?? undefined, limit: PAGE };
      const params = { path: { name: campaign }, query };
      const found = await answered(api.GET("/v1/campaigns/{name}/leads", { params }));
      setLeads((before) => (after === null ? found : [...(before ?? []), ...found]));
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    find(null);
  };
  const last = leads?.at(-1)?.id ?? null;
  return (
    <Stack>
      <Title order={2} size="h3">
        {t("leads.search")}
      </Title>
      <form onSubmit={submit}>
        <Group align="end">
          <TextInput
            label={t("leads.text")}
            value={text}
            maxLength={64}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit">{t("calls.find")}</Button>
        </Group>
      </form>
      <Fault of={fault} onClose={forget} />
      {mended && (
        <Mend
          key={mended.id}
          campaign={campaign}
          lead={mended}
          onDone={(changed) => {
            setLeads((before) => before?.map((it) => (it.id === changed.id ? changed : it)) ?? null);
            setMended(null);
          }}
        />
      )}
      {leads?.length === 0 && <Text c="dimmed">{t("page.none")}</Text>}
      {leads && leads.length > 0 && (
        <Rows
          head={[
            t("calls.number"),
            t("signIn.name"),
            t("desk.state"),
            t("desk.zip"),
            t("leads.attempts"),
            t("leads.due"),
            ...(mayChange ? [t("recycle.mend")] : []),
          ]}
          rows={leads.map((lead) => ({
            key: String(lead.id),
            cells: [
              lead.phone,
              [lead.first_name, lead.last_name].filter(Boolean).join(" "),
              lead.state,
              lead.zip,
              format.count(lead.attempts),
              lead.closed ? t("leads.closed") : format.moment(lead.due_at),
              ...(mayChange
                ? [
                    <Button
                      key="mend"
                      size="compact-xs"
                      variant="default"
                      aria-label={`${t("recycle.mend")}: ${lead.phone}`}
                      onClick={() => setMended(lead)}
                    >
                      {t("recycle.mend")}
                    </Button>,
                  ]
                : []),
            ],
          }))}
        />
      )}
      {leads && leads.length > 0 && leads.length % PAGE === 0 && (
        <Button variant="default" onClick={() => find(last)}>
          {t("page.more")}
        </Button>
      )}
    </Stack>
  );
}

// The person on the line: who, what time it is there, what was before, what is read, what became of it.

import {
  Alert,
  Badge,
  Button,
  Card,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas, type ScreenPop } from "../api/client";
import { Fault, sentence } from "./Fault";
import { useFormat } from "./format";
import { Rows } from "./Rows";

type Choice = ScreenPop["dispositions"][number];

export function Person(props: {
  pop: ScreenPop;
  agent: number;
  act: (asked: () => Promise<unknown>) => void;
}) {
  const { pop, agent, act } = props;
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const [callBack, setCallBack] = useState("");
  const [missing, setMissing] = useState<string | null>(null);

  const say = (choice: Choice) => {
    const wants = [
      ...(choice.requires_note && note.trim() === "" ? [t("desk.note")] : []),
      ...(choice.requires_callback && callBack === "" ? [t("desk.callBack")] : []),
    ];
    setMissing(wants.length > 0 ? t("desk.missing", { said: choice.label, what: wants.join(", ") }) : null);
    if (wants.length > 0) return;
    act(() =>
      answered(
        api.POST("/v1/agents/{id}/disposition", {
          params: { path: { id: agent } },
          body: {
            call: pop.call,
            disposition: choice.code,
            note: note.trim() || null,
            callback_at: callBack || null,
          },
        }),
      ),
    );
  };
  useHotkeys(pop.dispositions.slice(0, 9).map((choice, n) => [String(n + 1), () => say(choice)]));

  return (
    <Card withBorder component="section" aria-label={t("desk.outcome")}>
      <Stack>
        {pop.read_first && (
          <Alert color="orange" title={t("desk.readFirst")} role="note">
            <Text className="script">{pop.read_first}</Text>
          </Alert>
        )}
        <LeadLines lead={pop.lead} campaign={pop.campaign} />
        <Before agent={agent} />
        {pop.script && (
          <section aria-label={t("desk.script")}>
            <Text className="script">{pop.script}</Text>
          </section>
        )}
        <Textarea
          label={t("desk.note")}
          value={note}
          maxLength={2_000}
          onChange={(event) => setNote(event.currentTarget.value)}
          autosize
          minRows={2}
        />
        <CallBack agent={agent} value={callBack} onChoose={setCallBack} />
        <Fault of={missing} onClose={() => setMissing(null)} />
        <Text size="sm" fw={500}>
          {t("desk.outcome")}
        </Text>
        <Group gap="xs">
          {pop.dispositions.map((choice, n) => (
            <Button
              key={choice.code}
              variant={choice.do_not_call ? "light" : "default"}
              color={choice.do_not_call ? "red" : undefined}
              onClick={() => say(choice)}
            >
              {n < 9 && <kbd>{n + 1}</kbd>}&nbsp;{choice.label}
              {(choice.requires_note || choice.requires_callback) && " *"}
            </Button>
          ))}
        </Group>
      </Stack>
    </Card>
  );
}

/** The person's clock, and the calls before this one with what was said of them. */
function Before({ agent }: { agent: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [person, setPerson] = useState<Schemas["PersonBody"] | null>(null);
  useEffect(() => {
    answered(api.GET("/v1/agents/{id}/person", { params: { path: { id: agent } } }))
      .then(setPerson)
      .catch(() => {});
  }, [agent]);
  if (!person) return null;
  const clocks = person.clocks.map(({ zone, local }) => `${local.slice(11, 16)} (${zone})`);
  return (
    <Stack gap="xs">
      <Text size="sm" className="number">
        {t("desk.there", { time: clocks.join(" · ") })}
      </Text>
      {person.calls.length > 0 && (
        <Rows
          head={[t("calls.began"), t("calls.outcome"), t("calls.agent"), t("desk.note")]}
          rows={person.calls.map((call, place) => ({
            key: String(place),
            cells: [
              format.moment(call.at),
              [call.outcome, call.disposition].filter(Boolean).join(" · "),
              call.agent,
              call.note,
            ],
          }))}
        />
      )}
    </Stack>
  );
}

/** A day, and the times of it at which the rules allow a call; both of the person's clock. */
function CallBack(props: { agent: number; value: string; onChoose: (at: string) => void }) {
  const { agent, value, onChoose } = props;
  const { t } = useTranslation();
  const [day, setDay] = useState("");
  const [found, setFound] = useState<Schemas["CallbackTimesBody"] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const look = (of: string) => {
    setDay(of);
    setFound(null);
    setFault(null);
    onChoose("");
    if (!of) return;
    const params = { path: { id: agent }, query: { day: of } };
    answered(api.GET("/v1/agents/{id}/callback-times", { params }))
      .then(setFound)
      .catch((thrown) => setFault(sentence(thrown)));
  };
  const times = found?.times ?? [];
  return (
    <>
      <Group align="end">
        <TextInput
          type="date"
          label={t("desk.callBack")}
          value={day}
          onChange={(event) => look(event.currentTarget.value)}
        />
        {found && (
          <NativeSelect
            label={t("desk.callBackTime", { zone: found.zone })}
            value={value}
            onChange={(event) => onChoose(event.currentTarget.value)}
            data={[
              { value: "", label: times.length > 0 ? "–" : t("desk.noTime") },
              ...times.map(({ at, local }) => ({ value: at, label: local })),
            ]}
          />
        )}
      </Group>
      <Fault of={fault} onClose={() => setFault(null)} />
    </>
  );
}

export function LeadLines({ lead, campaign }: { lead: ScreenPop["lead"]; campaign: string }) {
  const { t } = useTranslation();
  const name = [lead.first_name, lead.last_name].filter(Boolean).join(" ");
  const lines: [string, string][] = [
    [t("desk.attempts"), String(lead.attempts)],
    ...(lead.state ? [[t("desk.state"), lead.state] as [string, string]] : []),
    ...(lead.zip ? [[t("desk.zip"), lead.zip] as [string, string]] : []),
    ...Object.entries(lead.attributes),
  ];
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h3">
          {name || t("desk.lead", { id: lead.id })}
        </Title>
        <Badge variant="outline">{campaign}</Badge>
      </Group>
      <Text className="number">{lead.phone}</Text>
      <SimpleGrid cols={{ base: 2, sm: 3 }} verticalSpacing={4}>
        {lines.map(([label, value]) => (
          <div key={label}>
            <Text size="xs" c="dimmed">
              {label}
            </Text>
            <Text>{value}</Text>
          </div>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

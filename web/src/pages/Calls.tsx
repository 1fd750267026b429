import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Call } from "../api/client";
import { Fault, sentence } from "../parts/Fault";
import { between, clock, useFormat } from "../parts/format";
import { type Mark, Player } from "../parts/Player";

const PAGE = 100;

/** Call records: since when, of which campaign, to which number. */
export function Calls() {
  const { t } = useTranslation();
  const [campaign, setCampaign] = useState("");
  const [number, setNumber] = useState("");
  const [calls, setCalls] = useState<Call[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  const fetchPage = async (after: number | null) => {
    const query = {
      limit: PAGE,
      ...(campaign.trim() && { campaign: campaign.trim() }),
      ...(number.trim() && { number: number.trim() }),
      ...(after !== null && { after }),
    };
    try {
      const page = await answered(api.GET("/v1/calls", { params: { query } }));
      const found = (page as { calls: Call[]; next?: number | null }).calls;
      setCalls((before) => (after === null ? found : [...before, ...found]));
      setNext((page as { next?: number | null }).next ?? null);
      setFault(null);
    } catch (thrown) {
      setFault(sentence(thrown));
    }
  };
  // The first page, once; later ones are asked for.
  useEffect(() => void fetchPage(null), []);

  const find = (event: FormEvent) => {
    event.preventDefault();
    void fetchPage(null);
  };

  return (
    <Stack>
      <form onSubmit={find}>
        <Group align="end">
          <TextInput
            label={t("calls.campaign")}
            value={campaign}
            onChange={(event) => setCampaign(event.currentTarget.value)}
          />
          <TextInput
            label={t("calls.number")}
            value={number}
            placeholder="+12015550123"
            onChange={(event) => setNumber(event.currentTarget.value)}
          />
          <Button type="submit">{t("calls.find")}</Button>
        </Group>
      </form>
      <Fault of={fault} onClose={() => setFault(null)} />
      {calls.length === 0 && !fault && <Text c="dimmed">{t("page.none")}</Text>}
      {calls.length > 0 && <Records calls={calls} />}
      {next !== null && (
        <Button variant="default" onClick={() => void fetchPage(next)}>
          {t("page.more")}
        </Button>
      )}
    </Stack>
  );
}

function Records({ calls }: { calls: Call[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const length = (s: number | null) => (s === null ? "–" : clock(s));
  const [heard, setHeard] = useState<Call | null>(null);
  return (
    <>
    {heard && <Recording key={heard.call} call={heard} />}
    <Table.ScrollContainer minWidth={900}>
      <Table striped fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("calls.began")}</Table.Th>
            <Table.Th>{t("calls.campaign")}</Table.Th>
            <Table.Th>{t("calls.number")}</Table.Th>
            <Table.Th>{t("calls.outcome")}</Table.Th>
            <Table.Th>{t("calls.ledger")}</Table.Th>
            <Table.Th ta="right">{t("calls.wait")}</Table.Th>
            <Table.Th ta="right">{t("calls.talk")}</Table.Th>
            <Table.Th>{t("calls.agent")}</Table.Th>
            <Table.Th>{t("calls.disposition")}</Table.Th>
            <Table.Th>{t("player.title")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.map((call) => (
            <Table.Tr key={call.call}>
              <Table.Td className="number">{format.moment(call.began_at)}</Table.Td>
              <Table.Td>{call.campaign}</Table.Td>
              <Table.Td className="number">{call.number}</Table.Td>
              <Table.Td>{call.outcome}</Table.Td>
              <Table.Td>{call.ledger}</Table.Td>
              <Table.Td ta="right" className="number">
                {length(between(call.answered_at, call.bridged_at))}
              </Table.Td>
              <Table.Td ta="right" className="number">
                {length(between(call.bridged_at, call.ended_at))}
              </Table.Td>
              <Table.Td>{call.agent_name}</Table.Td>
              <Table.Td>{call.disposition}</Table.Td>
              <Table.Td>
                {call.recording && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`${t("player.open")}: ${call.call}`}
                    onClick={() => setHeard(call)}
                  >
                    {t("player.open")}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
    </>
  );
}

/** The recording begins with the first bridge; what was known before lies before it. */
function Recording({ call }: { call: Call }) {
  const { t } = useTranslation();
  const [marks, setMarks] = useState<Mark[]>([]);
  useEffect(() => {
    const known: Mark[] = [{ at: 0, label: t("player.bridge") }];
    const params = { path: { id: call.call } };
    answered(api.GET("/v1/calls/{id}", { params }))
      .then((detail) => {
        const answered_s = between(call.bridged_at, call.answered_at);
        const add = (ms: number | null | undefined, label: string) => {
          if (ms == null || answered_s === null) return;
          const at = answered_s + ms / 1_000;
          if (at > 0) known.push({ at, label });
        };
        const { verdict, revised } = detail.screening;
        add(verdict?.greeting_end_ms, t("player.greeting"));
        add(verdict?.at_ms, `${t("calls.verdict")} (${verdict?.kind})`);
        add(revised?.at_ms, `${t("calls.verdict")} (${revised?.kind})`);
      })
      .catch(() => {})
      .finally(() => setMarks(known));
  }, [call, t]);
  return <Player call={call.call} marks={marks} />;
}

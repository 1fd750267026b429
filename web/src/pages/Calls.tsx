import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Call } from "../api/client";
import { Fault, sentence } from "../parts/Fault";
import { between, clock, useFormat } from "../parts/format";

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
  return (
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
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

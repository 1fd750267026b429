import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas, type Session } from "../api/client";
import { Fault, sentence } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { may } from "./rights";

/** Whom not to call: the list, and one more at once. */
export function DoNotCall({ who }: { who: Session }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [entries, setEntries] = useState<Schemas["DoNotCallEntry"][]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [number, setNumber] = useState("");
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState<string | null>(null);

  const attempt = async (what: () => Promise<void>) => {
    try {
      await what();
      setFault(null);
    } catch (thrown) {
      setFault(sentence(thrown));
    }
  };
  const fetchPage = async (after: string | null) => {
    const query = after === null ? {} : { after };
    const page = await answered(api.GET("/v1/do-not-call", { params: { query } }));
    setEntries((before) => (after === null ? page.entries : [...before, ...page.entries]));
    setNext(page.next ?? null);
  };
  // The first page, once; later ones are asked for.
  useEffect(() => void attempt(() => fetchPage(null)), []);

  const add = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const body = { number: number.trim(), reason: reason.trim() || null };
      await answered(api.POST("/v1/do-not-call", { body }));
      setNumber("");
      setReason("");
      await fetchPage(null);
    });
  };
  const remove = (which: string) => {
    if (!window.confirm(t("doNotCall.sure", { number: which }))) return;
    void attempt(async () => {
      const params = { path: { number: which } };
      await answered(api.DELETE("/v1/do-not-call/{number}", { params }));
      await fetchPage(null);
    });
  };

  return (
    <Stack>
      {may.lead(who) && (
      <form onSubmit={add}>
        <Group align="end">
          <TextInput
            label={t("doNotCall.number")}
            value={number}
            placeholder="+12015550123"
            onChange={(event) => setNumber(event.currentTarget.value)}
            required
          />
          <TextInput
            label={t("doNotCall.reason")}
            value={reason}
            maxLength={200}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" color="red">
            {t("doNotCall.add")}
          </Button>
        </Group>
      </form>
      )}
      <Fault of={fault} onClose={() => setFault(null)} />
      {entries.length === 0 && !fault && <Text c="dimmed">{t("page.none")}</Text>}
      {entries.length > 0 && (
        <Table striped fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("calls.number")}</Table.Th>
              <Table.Th>{t("doNotCall.since")}</Table.Th>
              <Table.Th>{t("doNotCall.source")}</Table.Th>
              <Table.Th>{t("doNotCall.reason")}</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map((entry) => (
              <Table.Tr key={entry.number}>
                <Table.Td className="number">{entry.number}</Table.Td>
                <Table.Td className="number">{format.moment(entry.at)}</Table.Td>
                <Table.Td>{entry.source}</Table.Td>
                <Table.Td>{entry.reason}</Table.Td>
                <Table.Td ta="right">
                  {may.manage(who) && (
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      onClick={() => remove(entry.number)}
                    >
                      {t("doNotCall.remove")}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {next !== null && (
        <Button variant="default" onClick={() => void attempt(() => fetchPage(next))}>
          {t("page.more")}
        </Button>
      )}
    </Stack>
  );
}

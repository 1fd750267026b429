import { Table, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Decision } from "../api/client";
import { Fault, sentence } from "../parts/Fault";
import { useFormat } from "../parts/format";

/** So many, the last first. */
const SHOWN = 50;

/** The last decisions about a campaign, each with its reason. */
export function Decisions({ campaign }: { campaign: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [decisions, setDecisions] = useState<Decision[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    let wanted = true;
    answered(api.GET("/v1/campaigns/{name}/decisions", { params: { path: { name: campaign } } }))
      .then((all) => wanted && setDecisions(all.slice(-SHOWN).reverse()))
      .catch((thrown) => wanted && setFault(sentence(thrown)));
    return () => {
      wanted = false;
    };
  }, [campaign]);

  if (fault) return <Fault of={fault} onClose={() => setFault(null)} />;
  if (decisions?.length === 0) return <Text c="dimmed">{t("page.none")}</Text>;
  return (
    <Table.ScrollContainer minWidth={480} mah={320}>
      <Table fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("floor.at")}</Table.Th>
            <Table.Th ta="right">{t("floor.wanted")}</Table.Th>
            <Table.Th ta="right">{t("floor.placed")}</Table.Th>
            <Table.Th>{t("floor.sentence")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {decisions?.map((decision, place) => (
            <Table.Tr key={`${decision.at} ${place}`}>
              <Table.Td className="number">{format.time(decision.at)}</Table.Td>
              <Table.Td ta="right">{decision.calls}</Table.Td>
              <Table.Td ta="right">{decision.placed}</Table.Td>
              <Table.Td lang="en">{decision.sentence}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

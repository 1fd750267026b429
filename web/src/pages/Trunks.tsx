import { Badge, Button, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Fault } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { Rows } from "../parts/Rows";

/** The carriers' lines, and how the numbers fare that are shown. */
export function Trunks() {
  const { t } = useTranslation();
  const format = useFormat();
  const [trunks, setTrunks] = useState<Schemas["TrunkBody"][]>([]);
  const [ids, setIds] = useState<Schemas["CallerIdBody"][]>([]);
  const { fault, busy, forget, attempt } = useAttempt();
  const refresh = () =>
    attempt(async () => {
      setTrunks(await answered(api.GET("/v1/trunks")));
      setIds(await answered(api.GET("/v1/caller-ids")));
    });
  useEffect(refresh, []);

  const interval = (of: Schemas["CallerIdBody"]) => {
    const [low, high] = of.answer_rate_interval ?? [];
    return `${format.share(of.answer_rate)} (${format.share(low)} – ${format.share(high)})`;
  };
  return (
    <Stack>
      <Fault of={fault} onClose={forget} />
      <Title order={2} size="h3">
        {t("page.trunks")}
      </Title>
      <Rows
        head={[
          t("signIn.name"),
          t("users.state"),
          t("trunks.channels"),
          t("trunks.invites"),
          t("trunks.cameIn"),
          t("trunks.failures"),
        ]}
        rows={trunks.map((trunk) => ({
          key: trunk.name,
          cells: [
            trunk.name,
            <span key="health">
              <Badge color={trunk.health === "up" ? "teal" : "red"} variant="light">
                {t(`trunks.health.${trunk.health}`)}
              </Badge>{" "}
              {trunk.until && t("desk.until", { time: format.time(trunk.until) })}
            </span>,
            format.count(trunk.channels),
            format.count(trunk.invites),
            format.count(trunk.came_in),
            format.count(trunk.failures),
          ],
        }))}
      />
      <Title order={2} size="h3">
        {t("trunks.callerIds")}
      </Title>
      {ids.length === 0 && <Text c="dimmed">{t("page.none")}</Text>}
      {ids.length > 0 && (
        <Rows
          head={[
            t("calls.number"),
            t("trunks.attempts"),
            t("floor.answerRate"),
            t("trunks.short"),
            t("trunks.blocks"),
            t("users.state"),
          ]}
          rows={ids.map((id) => ({
            key: id.number,
            cells: [
              id.number,
              format.count(id.attempts),
              interval(id),
              format.count(id.short_calls),
              format.count(id.blocks),
              id.rests
                ? `${t(`trunks.rests.${id.rests}`)} ${t("desk.until", { time: format.time(id.rests_until) })}`
                : t("trunks.shown"),
            ],
          }))}
        />
      )}
      <Button variant="default" loading={busy} onClick={refresh} w="fit-content">
        {t("trunks.refresh")}
      </Button>
    </Stack>
  );
}

import { Button, Code, Stack, Switch, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Fault } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { Rows } from "../parts/Rows";

/** Who changed what, the newest first. */
export function Audit() {
  const { t } = useTranslation();
  const format = useFormat();
  const [entries, setEntries] = useState<Schemas["AuditEntry"][]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [dials, setDials] = useState(false);
  const { fault, busy, forget, attempt } = useAttempt();

  const fetchPage = (before: number | null) =>
    attempt(async () => {
      const params = { query: { before: before ?? undefined, dials } };
      const page = await answered(api.GET("/v1/audit", { params }));
      setEntries((shown) => (before === null ? page.entries : [...shown, ...page.entries]));
      setNext(page.next ?? null);
    });
  useEffect(() => fetchPage(null), [dials]);

  return (
    <Stack>
      <Fault of={fault} onClose={forget} />
      <Text size="sm">{t("audit.what")}</Text>
      <Switch
        label={t("audit.dials")}
        checked={dials}
        onChange={(event) => setDials(event.currentTarget.checked)}
      />
      <Rows
        head={[t("floor.at"), t("audit.by"), t("audit.kind"), t("audit.rest")]}
        rows={entries.map((entry) => ({
          key: String(entry.seq),
          cells: [
            format.moment(entry.at),
            entry.by,
            entry.kind,
            <Code key="rest">{JSON.stringify(entry.body).slice(0, 300)}</Code>,
          ],
        }))}
      />
      {next !== null && (
        <Button variant="default" loading={busy} onClick={() => fetchPage(next)}>
          {t("page.more")}
        </Button>
      )}
    </Stack>
  );
}

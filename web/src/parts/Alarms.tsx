import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Schemas } from "../api/client";
import { useFormat } from "./format";

/** What a person must see to. Empty it is nothing; a reader's voice says what comes. */
export function Alarms({ alarms }: { alarms: Schemas["AlarmBody"][] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div role="alert">
      {alarms.length > 0 && (
        <Alert color="red" title={t("alarms.title")}>
          {alarms.map((alarm) => (
            <Text key={`${alarm.kind} ${alarm.about}`} size="sm">
              <b>{t(`alarms.${alarm.kind}`)}</b> ({format.time(alarm.since)}): {alarm.sentence}
            </Text>
          ))}
        </Alert>
      )}
    </div>
  );
}

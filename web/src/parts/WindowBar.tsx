import { Group, Progress, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Window } from "../api/client";
import { useFormat } from "./format";

/** Above this the end of a window is in danger. */
const OVERRUN_HIGH = 0.5;

/** A legal window: what of its budget is used, and how it is likely to end. */
export function WindowBar({ window: seen }: { window: Window }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rate = seen.rate ?? 0;
  const over = rate > seen.limit;
  const danger = over || (seen.overrun ?? 0) > OVERRUN_HIGH;
  const name =
    seen.window === "day" || seen.window === "month"
      ? t(`floor.windows.${seen.window}`)
      : t("floor.windows.days", { window: seen.window });
  return (
    <Stack gap={2}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          {t("floor.abandonment")}: {name}
        </Text>
        <Text size="sm" className="number" c={over ? "red" : undefined}>
          {format.share(seen.rate, 2)}
        </Text>
      </Group>
      <Progress
        value={Math.min(100, (100 * rate) / seen.limit)}
        color={over ? "red" : danger ? "orange" : "teal"}
        aria-label={`${t("floor.abandonment")}: ${name}`}
      />
      <Text size="xs" c="dimmed" className="number">
        {t("floor.budget", {
          abandoned: format.count(seen.abandoned),
          people: format.count(seen.people),
          limit: format.share(seen.limit),
          left: format.count(seen.left),
        })}
        {seen.overrun != null && (
          <>
            {" · "}
            {t("floor.overrun", { share: format.share(seen.overrun, 0) })}
          </>
        )}
      </Text>
    </Stack>
  );
}

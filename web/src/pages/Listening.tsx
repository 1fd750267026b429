// Listen to an agent, whisper to one, barge in: who does, and the buttons in an agent's row.

import { Button, Group } from "@mantine/core";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";
import { sentence } from "../parts/Fault";

type Attendance = Schemas["AttendanceBody"];
type Manner = Attendance["manner"];

const MANNERS: Manner[] = ["listen", "whisper", "barge"];

export interface Listening {
  /** Whoever listens, by the agent's number. */
  all: Attendance[];
  begin: (agent: number, manner: Manner) => Promise<void>;
  end: (listener: number) => Promise<void>;
  fault: string | null;
  clear: () => void;
}

/** Who listens to whom, asked at the beginning and after each change of one's own. */
export function useListening(extension: string | null, enabled: boolean): Listening {
  const [all, setAll] = useState<Attendance[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  const look = useCallback(async () => setAll(await answered(api.GET("/v1/listening"))), []);
  useEffect(() => {
    if (enabled) look().catch(() => {});
  }, [enabled, look]);
  // The same object until something changes: hundreds of rows have it.
  return useMemo(() => {
    const attempt = async (what: () => Promise<unknown>) => {
      try {
        await what();
        setFault(null);
      } catch (thrown) {
        setFault(sentence(thrown));
      }
      await look().catch(() => {});
    };
    return {
      all,
      fault,
      clear: () => setFault(null),
      begin: (id: number, manner: Manner) => {
        const body = { manner, extension: extension || undefined };
        const params = { path: { id } };
        return attempt(() => answered(api.POST("/v1/agents/{id}/listening", { params, body })));
      },
      end: (id: number) => {
        const params = { path: { id } };
        return attempt(() => answered(api.DELETE("/v1/listening/{id}", { params })));
      },
    };
  }, [all, fault, extension, look]);
}

/** The buttons in the row of an agent. */
export function ListeningButtons(props: { agent: number; name: string; listening: Listening }) {
  const { agent, name, listening } = props;
  const { t } = useTranslation();
  const mine = listening.all.find((attendance) => attendance.agent === agent);
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {MANNERS.map((manner) => (
        <Button
          key={manner}
          size="compact-xs"
          variant={mine?.manner === manner ? "filled" : "default"}
          aria-pressed={mine?.manner === manner}
          aria-label={`${t(`listening.${manner}`)}: ${name}`}
          onClick={() => void listening.begin(agent, manner)}
        >
          {t(`listening.${manner}`)}
        </Button>
      ))}
      {mine && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${t("listening.end")}: ${name}`}
          onClick={() => void listening.end(mine.listener)}
        >
          {t("listening.end")}
        </Button>
      )}
    </Group>
  );
}

import { Badge, Box, Card, Table, Text, TextInput, Title } from "@mantine/core";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { AgentOnFloor } from "../api/client";
import { Fault } from "../parts/Fault";
import { clock, useFormat, useNow } from "../parts/format";
import { type Listening, ListeningButtons, useListening } from "./Listening";

const STATE_COLORS: Record<AgentOnFloor["state"], string> = {
  logged_out: "gray",
  paused: "yellow",
  previewing: "violet",
  ready: "blue",
  reserved: "cyan",
  talking: "teal",
  wrap_up: "grape",
};

/** A row's height, and the most that is seen at a time, pixels (`.rows` in page.css). */
const ROW = 37;
const SEEN = 600;
/** So many rows above and below are there, too: the keyboard goes on into them. */
const BESIDE = 8;

/** Every agent who is logged in. Of hundreds, the rows that are seen are there. */
export function Agents(props: { agents: AgentOnFloor[]; mayLead: boolean; own: number | null }) {
  const { agents, mayLead, own } = props;
  const { t } = useTranslation();
  const now = useNow();
  const [extension, setExtension] = useState("");
  const [scrolled, setScrolled] = useState(0);
  const first = Math.max(0, Math.min(Math.floor(scrolled / ROW), agents.length) - BESIDE);
  const end = Math.min(agents.length, Math.ceil((scrolled + SEEN) / ROW) + BESIDE);
  const listening = useListening(own == null ? extension : null, mayLead);
  return (
    <Card withBorder component="section" aria-label={t("floor.agents")}>
      <Title order={2} size="h4" mb="xs">
        {t("floor.agents")}
      </Title>
      {mayLead && own == null && (
        <TextInput
          label={t("listening.phone")}
          description={t("listening.phoneWhy")}
          value={extension}
          onChange={(event) => setExtension(event.currentTarget.value)}
          maw={320}
          mb="xs"
        />
      )}
      <Fault of={listening.fault} onClose={listening.clear} />
      {agents.length === 0 && <Text c="dimmed">{t("floor.nobody")}</Text>}
      {agents.length > 0 && (
        <Box
          className="rows"
          role="region"
          aria-label={t("floor.agents")}
          tabIndex={0}
          onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
        >
          <Table striped={false} aria-rowcount={agents.length + 1}>
            <Table.Thead>
              <Table.Tr aria-rowindex={1}>
                <Table.Th>{t("floor.agent")}</Table.Th>
                <Table.Th>{t("floor.stateOf")}</Table.Th>
                <Table.Th ta="right">{t("floor.since")}</Table.Th>
                <Table.Th ta="right">{t("floor.talks")}</Table.Th>
                <Table.Th ta="right">{t("floor.talkTime")}</Table.Th>
                {mayLead && <Table.Th ta="right">{t("listening.title")}</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Gap rows={first} />
              {agents.slice(first, end).map((agent, nth) => (
                <AgentRow
                  key={agent.id}
                  place={first + nth + 2}
                  name={agent.name}
                  state={agent.state}
                  reason={agent.state === "paused" ? agent.reason : null}
                  pauseAsked={agent.pause_asked}
                  talks={agent.talks}
                  talk={clock(agent.talk_s)}
                  since={clock((now - Date.parse(agent.since)) / 1_000)}
                  listening={mayLead && agent.id !== own ? agent.id : null}
                  by={mayLead ? listening : null}
                />
              ))}
              <Gap rows={agents.length - end} />
            </Table.Tbody>
          </Table>
        </Box>
      )}
    </Card>
  );
}

/** In the place of rows that are not seen. */
function Gap({ rows }: { rows: number }) {
  return rows > 0 && <tr aria-hidden style={{ height: rows * ROW }} />;
}

const AgentRow = memo(function AgentRow(row: {
  place: number;
  name: string;
  state: AgentOnFloor["state"];
  reason: string | null;
  pauseAsked: boolean;
  talks: number;
  talk: string;
  since: string;
  /** The agent's number, where one may listen. */
  listening: number | null;
  by: Listening | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.Tr h={ROW} aria-rowindex={row.place}>
      <Table.Td>{row.name}</Table.Td>
      <Table.Td>
        <Badge color={STATE_COLORS[row.state]} variant="light">
          {t(`state.${row.state}`)}
        </Badge>{" "}
        {row.reason}
        {row.pauseAsked && ` (${t("floor.pauseAsked")})`}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {row.since}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {format.count(row.talks)}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {row.talk}
      </Table.Td>
      {row.by && (
        <Table.Td>
          {row.listening != null && (
            <ListeningButtons agent={row.listening} name={row.name} listening={row.by} />
          )}
        </Table.Td>
      )}
    </Table.Tr>
  );
});

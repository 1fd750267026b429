import { Accordion, Alert, Badge, Button, Group, NativeSelect, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Fault } from "../parts/Fault";
import { useFormat } from "../parts/format";
import { Rows } from "../parts/Rows";

/** As the server's `Explanation` is written. */
interface Explanation {
  number: string;
  allowed: boolean;
  ask_again_at: string | null;
  clocks: { zone: string; local: string }[];
  rules: {
    rule: string;
    ruling: "allows" | "exempt" | "not_concerned" | "refuses";
    because: string | null;
    auditor: string | null;
    citation: string | null;
  }[];
}

/** May this number be called, and why; and every rule with its source. */
export function Rules() {
  const { t } = useTranslation();
  const [books, setBooks] = useState<Schemas["RulebookBody"][]>([]);
  const { fault, forget, attempt } = useAttempt();
  useEffect(() => attempt(async () => setBooks(await answered(api.GET("/v1/rulebooks")))), []);

  return (
    <Stack>
      <Explain />
      <Fault of={fault} onClose={forget} />
      <Title order={2} size="h3">
        {t("rules.books")}
      </Title>
      <Accordion variant="contained" multiple>
        {books.map((book) => (
          <Accordion.Item key={book.id} value={book.id}>
            <Accordion.Control>
              <Group gap="xs">
                <Text fw={500}>{book.title}</Text>
                <Text size="sm" c="dimmed">
                  {book.id} · {book.version}
                </Text>
                {book.campaigns.map((name) => (
                  <Badge key={name} variant="light">
                    {name}
                  </Badge>
                ))}
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <Rows
                head={[t("rules.rule"), t("rules.asks"), t("rules.citation"), t("rules.basis")]}
                rows={book.rules.map((rule) => ({
                  key: rule.id,
                  cells: [
                    rule.id,
                    rule.sentence,
                    rule.citation,
                    t(`rules.bases.${rule.basis as "law"}`),
                  ],
                }))}
              />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  );
}

function Explain() {
  const { t } = useTranslation();
  const format = useFormat();
  const [names, setNames] = useState<string[]>([]);
  const [campaign, setCampaign] = useState("");
  const [number, setNumber] = useState("");
  const [state, setState] = useState("");
  const [zip, setZip] = useState("");
  const [at, setAt] = useState("");
  const [found, setFound] = useState<Explanation | null>(null);
  const { fault, busy, forget, attempt } = useAttempt();
  useEffect(
    () =>
      attempt(async () => {
        const known = (await answered(api.GET("/v1/campaigns"))).map(({ name }) => name);
        setNames(known);
        setCampaign(known[0] ?? "");
      }),
    [],
  );

  const ask = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      const query = {
        number: number.trim(),
        state: state.trim() || undefined,
        zip: zip.trim() || undefined,
        at: at ? new Date(at).toISOString() : undefined,
      };
      const params = { path: { name: campaign }, query };
      const said = await answered(api.GET("/v1/campaigns/{name}/explain", { params }));
      setFound(said as unknown as Explanation);
    });
  };
  return (
    <Stack>
      <Title order={2} size="h3">
        {t("rules.explain")}
      </Title>
      <form onSubmit={ask}>
        <Group align="end">
          <NativeSelect
            label={t("calls.campaign")}
            value={campaign}
            data={names}
            onChange={(event) => setCampaign(event.currentTarget.value)}
          />
          <TextInput
            label={t("calls.number")}
            value={number}
            required
            onChange={(event) => setNumber(event.currentTarget.value)}
          />
          <TextInput
            label={t("desk.state")}
            w={90}
            value={state}
            onChange={(event) => setState(event.currentTarget.value)}
          />
          <TextInput
            label={t("desk.zip")}
            w={130}
            value={zip}
            onChange={(event) => setZip(event.currentTarget.value)}
          />
          <TextInput
            label={t("rules.at")}
            type="datetime-local"
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
          />
          <Button type="submit" loading={busy}>
            {t("rules.ask")}
          </Button>
        </Group>
      </form>
      <Fault of={fault} onClose={forget} />
      {found && (
        <>
          <Alert color={found.allowed ? "teal" : "red"} role="status">
            {found.allowed && t("rules.may", { number: found.number })}
            {!found.allowed && t("rules.mayNot", { number: found.number })}
            {!found.allowed &&
              found.ask_again_at &&
              ` ${t("rules.again", { time: format.moment(found.ask_again_at) })}`}
          </Alert>
          <Text size="sm">{found.clocks.map(({ zone, local }) => `${zone} ${local}`).join(" · ")}</Text>
          <Rows
            head={[t("rules.rule"), t("rules.says"), t("rules.because"), t("rules.citation")]}
            rows={found.rules.map((rule, place) => ({
              key: `${rule.rule} ${place}`,
              cells: [
                rule.rule,
                t(`rules.rulings.${rule.ruling}`),
                rule.because ?? rule.auditor,
                rule.citation,
              ],
            }))}
          />
        </>
      )}
    </Stack>
  );
}

import { Button, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas, type Session } from "../api/client";
import { Fault, sentence } from "../parts/Fault";

/** One's own account: the second factor, and the password. */
export function SecondFactor({ onDone, who }: { onDone: () => void; who?: Session }) {
  const { t } = useTranslation();
  const [offered, setOffered] = useState<Schemas["SecondFactorBody"] | null>(null);
  const [code, setCode] = useState("");
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [fault, setFault] = useState<string | null>(null);

  const attempt = (what: () => Promise<void>) => {
    what()
      .then(() => setFault(null))
      .catch((thrown) => setFault(sentence(thrown)));
  };
  const offer = () =>
    attempt(async () => setOffered(await answered(api.POST("/v1/session/second-factor"))));
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      await answered(api.POST("/v1/session/second-factor/code", { body: { code } }));
      setOffered(null);
      onDone();
    });
  };
  const change = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      await answered(api.POST("/v1/session/password", { body: { old, new: next } }));
      onDone();
    });
  };

  return (
    <Stack maw={520} mx="auto" mt="md">
      <Fault of={fault} onClose={() => setFault(null)} />
      <Paper withBorder p="lg">
        <Stack>
          <Title order={2} size="h3">
            {t("account.factor")}
          </Title>
          {who?.second_factor && <Text>{t("account.has")}</Text>}
          {!who?.second_factor && !offered && (
            <>
              <Text>{who ? t("account.none") : t("account.wanted")}</Text>
              <Button onClick={offer}>{t("account.setUp")}</Button>
            </>
          )}
          {offered && (
            <form onSubmit={confirm}>
              <Stack>
                <Text>{t("account.into")}</Text>
                <Code block>{offered.secret}</Code>
                <Text size="sm">
                  <a href={offered.link}>{t("account.open")}</a>
                </Text>
                <TextInput
                  label={t("signIn.code")}
                  value={code}
                  onChange={(event) => setCode(event.currentTarget.value)}
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  required
                />
                <Button type="submit">{t("account.confirm")}</Button>
              </Stack>
            </form>
          )}
        </Stack>
      </Paper>
      {who && (
        <Paper withBorder p="lg">
          <form onSubmit={change}>
            <Stack>
              <Title order={2} size="h3">
                {t("account.password")}
              </Title>
              <PasswordInput
                label={t("account.old")}
                value={old}
                onChange={(event) => setOld(event.currentTarget.value)}
                autoComplete="current-password"
                required
              />
              <PasswordInput
                label={t("welcome.password")}
                value={next}
                onChange={(event) => setNext(event.currentTarget.value)}
                autoComplete="new-password"
                minLength={12}
                required
              />
              <Button type="submit">{t("account.change")}</Button>
            </Stack>
          </form>
        </Paper>
      )}
    </Stack>
  );
}

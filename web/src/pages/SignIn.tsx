import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, Refused, type Session } from "../api/client";
import { sentence } from "../parts/Fault";

/** Name and password, and the code of the second factor where there is one. */
export function SignIn({ onDone }: { onDone: (begun: Session) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    try {
      const body = { name: name.trim(), password, code };
      onDone(await answered(api.POST("/v1/session", { body })));
    } catch (thrown) {
      const status = thrown instanceof Refused ? thrown.status : 0;
      if (status === 403 && code === null) {
        setCode("");
        setFault(null);
      } else {
        setFault(status === 401 ? t("signIn.wrong") : sentence(thrown));
      }
    } finally {
      setAsking(false);
    }
  };

  return (
    <Paper withBorder p="xl" maw={460} mx="auto" mt="xl">
      <form onSubmit={(event) => void signIn(event)}>
        <Stack>
          <Title order={2} size="h3">
            {t("signIn.title")}
          </Title>
          <TextInput
            label={t("signIn.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="username"
            autoFocus
            required
          />
          <PasswordInput
            label={t("signIn.password")}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            error={fault}
            required
          />
          {code !== null && (
            <TextInput
              label={t("signIn.code")}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              autoComplete="one-time-code"
              inputMode="numeric"
              autoFocus
              required
            />
          )}
          <Text size="sm" c="dimmed">
            {t("signIn.where")}
          </Text>
          <Button type="submit" loading={asking}>
            {t("signIn.go")}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

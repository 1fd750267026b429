import { Button, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, Refused, token } from "../api/client";
import { sentence } from "../parts/Fault";

export function SignIn({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    token.keep(text.trim());
    try {
      await answered(api.GET("/v1/floor"));
      onDone();
    } catch (thrown) {
      token.forget();
      const unknown = thrown instanceof Refused && thrown.status === 401;
      setFault(unknown ? t("signIn.wrong") : sentence(thrown));
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
          <PasswordInput
            label={t("signIn.token")}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={fault}
            autoComplete="current-password"
            data-autofocus
            required
          />
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

import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Session } from "../api/client";
import { Fault, sentence } from "../parts/Fault";

const CHARACTERS_MIN = 12;

/** The link that lets in once: a password is chosen, and by the first administrator a name. */
export function Welcome(props: { link: string; onDone: (begun: Session) => void }) {
  const { t } = useTranslation();
  const [secret = "", known] = props.link.split(":");
  const [name, setName] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const follow = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    try {
      const body = { secret, password, name: known ? null : name.trim() };
      props.onDone(await answered(api.POST("/v1/invitation", { body })));
    } catch (thrown) {
      setFault(sentence(thrown));
      setAsking(false);
    }
  };

  return (
    <Paper withBorder p="xl" maw={460} mx="auto" mt="xl">
      <form onSubmit={(event) => void follow(event)}>
        <Stack>
          <Title order={2} size="h3">
            {t("welcome.title")}
          </Title>
          <Text size="sm">{known ? t("welcome.known") : t("welcome.first")}</Text>
          <TextInput
            label={t("signIn.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="username"
            readOnly={Boolean(known)}
            required
          />
          <PasswordInput
            label={t("welcome.password")}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="new-password"
            minLength={CHARACTERS_MIN}
            autoFocus
            required
          />
          <Fault of={fault} onClose={() => setFault(null)} />
          <Button type="submit" loading={asking}>
            {t("welcome.go")}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

import {
  AppShell,
  Anchor,
  Badge,
  Button,
  Group,
  NativeSelect,
  Tabs,
  Title,
} from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { token } from "./api/client";
import { Calls } from "./pages/Calls";
import { DeskPage } from "./pages/Desk";
import { DoNotCall } from "./pages/DoNotCall";
import { FloorPage } from "./pages/Floor";
import { SignIn } from "./pages/SignIn";
import { change, LANGUAGES, type Language } from "./words";

const PAGES = ["floor", "desk", "calls", "do-not-call"] as const;
type Page = (typeof PAGES)[number];
const WORDS = { floor: "floor", desk: "desk", calls: "calls", "do-not-call": "doNotCall" } as const;

function here(): Page {
  const name = location.pathname.split("/")[1];
  return PAGES.find((page) => page === name) ?? "floor";
}

/** Which page is shown: the path says so, so that a reload and a bookmark keep it. */
function usePage(): [Page, (page: Page) => void] {
  const [page, setPage] = useState(here);
  useEffect(() => {
    const back = () => setPage(here());
    window.addEventListener("popstate", back);
    return () => window.removeEventListener("popstate", back);
  }, []);
  const go = (next: Page) => {
    history.pushState(null, "", `/${next}`);
    setPage(next);
  };
  return [page, go];
}

export function App() {
  const { t, i18n } = useTranslation();
  const [signedIn, setSignedIn] = useState(token.read() !== null);
  const [page, go] = usePage();
  const [connected, setConnected] = useState<boolean | null>(null);

  const signOut = () => {
    token.forget();
    setSignedIn(false);
  };

  return (
    <AppShell header={{ height: 56 }} padding="md">
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap">
            <Title order={1} size="h3">
              outdial
            </Title>
            {signedIn && (
              <Tabs value={page} onChange={(next) => next && go(next as Page)} variant="pills">
                <Tabs.List>
                  {PAGES.map((name) => (
                    <Tabs.Tab key={name} value={name}>
                      {t(`page.${WORDS[name]}`)}
                    </Tabs.Tab>
                  ))}
                </Tabs.List>
              </Tabs>
            )}
          </Group>
          <Group wrap="nowrap" gap="sm">
            {signedIn && connected !== null && (
              <Badge color={connected ? "teal" : "red"} variant="light" role="status">
                {connected ? t("page.connected") : t("page.lost")}
              </Badge>
            )}
            <Anchor href="/docs" size="sm">
              {t("page.reference")}
            </Anchor>
            <NativeSelect
              aria-label={t("page.language")}
              size="xs"
              value={i18n.language}
              onChange={(event) => void change(event.currentTarget.value as Language)}
              data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            />
            {signedIn && (
              <Button size="xs" variant="default" onClick={signOut}>
                {t("page.signOut")}
              </Button>
            )}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main>
        {!signedIn && <SignIn onDone={() => setSignedIn(true)} />}
        {signedIn && page === "floor" && <FloorPage onConnected={setConnected} />}
        {signedIn && page === "desk" && <DeskPage onConnected={setConnected} />}
        {signedIn && page === "calls" && <Calls />}
        {signedIn && page === "do-not-call" && <DoNotCall />}
      </AppShell.Main>
    </AppShell>
  );
}

import {
  AppShell,
  Anchor,
  Badge,
  Button,
  Group,
  NativeSelect,
  Tabs,
  Text,
  Title,
} from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Session, session } from "./api/client";
import { may, PAGES, type Page, pagesOf, pathOf } from "./pages/rights";
import { Audit } from "./pages/Audit";
import { Calls } from "./pages/Calls";
import { Campaigns } from "./pages/Campaigns";
import { DeskPage } from "./pages/Desk";
import { DoNotCall } from "./pages/DoNotCall";
import { FloorPage } from "./pages/Floor";
import { Leads } from "./pages/Leads";
import { Rules } from "./pages/Rules";
import { SecondFactor } from "./pages/SecondFactor";
import { SignIn } from "./pages/SignIn";
import { Trunks } from "./pages/Trunks";
import { Tune } from "./pages/Tune";
import { Users } from "./pages/Users";
import { Welcome } from "./pages/Welcome";
import { change, LANGUAGES, type Language } from "./words";

function here(): Page | null {
  const name = location.pathname.split("/")[1];
  return PAGES.find((page) => pathOf(page) === name) ?? null;
}

/** Which page is shown: the path says so, so that a reload and a bookmark keep it. */
function usePage(): [Page | null, (page: Page) => void] {
  const [page, setPage] = useState(here);
  useEffect(() => {
    const back = () => setPage(here());
    window.addEventListener("popstate", back);
    return () => window.removeEventListener("popstate", back);
  }, []);
  const go = (next: Page) => {
    history.pushState(null, "", `/${pathOf(next)}`);
    setPage(next);
  };
  return [page, go];
}

export function App() {
  const { t, i18n } = useTranslation();
  const [who, setWho] = useState<Session | null | undefined>(undefined);
  const [asked, go] = usePage();
  const [connected, setConnected] = useState<boolean | null>(null);
  const [link, setLink] = useState(location.pathname === "/welcome" ? location.hash.slice(1) : "");

  const begin = (begun: Session) => {
    session.begin(begun);
    setWho(begun);
  };
  const end = () => {
    session.end();
    setConnected(null);
    setWho(null);
  };
  const look = () => answered(api.GET("/v1/session")).then(begin).catch(end);
  useEffect(() => {
    session.whenOver(end);
    void look();
  }, []);
  const signOut = () => void api.DELETE("/v1/session").finally(end);
  const welcomed = (begun: Session) => {
    history.replaceState(null, "", "/");
    setLink("");
    begin(begun);
  };

  const pages = who ? pagesOf(who) : [];
  const page = pages.find((name) => name === asked) ?? pages[0];
  const ready = who && !link && !who.second_factor_wanted;
  return (
    <AppShell header={{ height: ready ? 100 : 56 }} padding="md">
      <AppShell.Header px="md">
        <Group h={56} justify="space-between" wrap="nowrap">
          <Group wrap="nowrap">
            <Title order={1} size="h3">
              outdial
            </Title>
          </Group>
          <Group wrap="nowrap" gap="sm">
            {ready && connected !== null && (
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
            {who && (
              <>
                <Text size="sm">
                  {who.name} · {t(`role.${who.role as "agent"}`)}
                </Text>
                <Button size="xs" variant="default" onClick={signOut}>
                  {t("page.signOut")}
                </Button>
              </>
            )}
          </Group>
        </Group>
        {ready && (
          <Tabs value={page} onChange={(next) => next && go(next as Page)} variant="pills">
            <Tabs.List>
              {pages.map((name) => (
                <Tabs.Tab key={name} value={name}>
                  {t(`page.${name}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
        )}
      </AppShell.Header>
      <AppShell.Main>
        {link && <Welcome link={link} onDone={welcomed} />}
        {!link && who === null && <SignIn onDone={begin} />}
        {!link && who?.second_factor_wanted && <SecondFactor onDone={() => void look()} />}
        {ready && page === "floor" && (
          <FloorPage onConnected={setConnected} mayLead={may.lead(who)} own={who.agent ?? null} />
        )}
        {ready && page === "desk" && <DeskPage own={who.agent} onConnected={setConnected} />}
        {ready && page === "campaigns" && <Campaigns who={who} />}
        {ready && page === "leads" && <Leads who={who} />}
        {ready && page === "calls" && <Calls />}
        {ready && page === "doNotCall" && <DoNotCall who={who} />}
        {ready && page === "rules" && <Rules />}
        {ready && page === "trunks" && <Trunks />}
        {ready && page === "tune" && <Tune />}
        {ready && page === "audit" && <Audit />}
        {ready && page === "users" && <Users />}
        {ready && page === "account" && <SecondFactor onDone={() => void look()} who={who} />}
      </AppShell.Main>
    </AppShell>
  );
}

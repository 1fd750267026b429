import { Alert, Button, Code, Group, NativeSelect, Stack, Table, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Agent, answered, api, type Schemas } from "../api/client";
import { Fault, sentence } from "../parts/Fault";
import { useFormat } from "../parts/format";

const ROLES = ["administrator", "manager", "supervisor", "agent", "auditor"] as const;
type Role = (typeof ROLES)[number];

/** Who may sign in, and which programs may ask. */
export function Users() {
  const { t } = useTranslation();
  const format = useFormat();
  const [users, setUsers] = useState<Schemas["UserBody"][]>([]);
  const [tokens, setTokens] = useState<Schemas["TokenBody"][]>([]);
  const [agents, setAgents] = useState<Agent[]>([]);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const [agent, setAgent] = useState("");
  const [label, setLabel] = useState("");
  const [scope, setScope] = useState<Role>("auditor");
  const [told, setTold] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  const refresh = async () => {
    setUsers(await answered(api.GET("/v1/users")));
    setTokens(await answered(api.GET("/v1/tokens")));
    setAgents(await answered(api.GET("/v1/agents")));
  };
  const attempt = (what: () => Promise<void>) => {
    what()
      .then(refresh)
      .then(() => setFault(null))
      .catch((thrown) => setFault(sentence(thrown)));
  };
  useEffect(() => attempt(async () => {}), []);

  const tell = (link: Schemas["LinkBody"]) => setTold(location.origin + link.path);
  const add = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      const body = { name: name.trim(), role, agent: agent ? Number(agent) : null };
      tell(await answered(api.POST("/v1/users", { body })));
      setName("");
    });
  };
  const addToken = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      const body = { label: label.trim(), role: scope };
      setTold((await answered(api.POST("/v1/tokens", { body }))).text);
      setLabel("");
    });
  };
  const change = (of: string, body: Schemas["UserChangeBody"]) =>
    attempt(async () => {
      await answered(api.PATCH("/v1/users/{name}", { params: { path: { name: of } }, body }));
    });
  const path = (of: string) => ({ params: { path: { name: of } } });
  const link = (of: string) =>
    attempt(async () => tell(await answered(api.POST("/v1/users/{name}/link", path(of)))));
  const remove = (of: string) => {
    if (!window.confirm(t("users.sure", { name: of }))) return;
    attempt(async () => {
      await answered(api.DELETE("/v1/users/{name}", path(of)));
    });
  };
  const revoke = (of: string) =>
    attempt(async () => {
      const params = { path: { label: of } };
      await answered(api.DELETE("/v1/tokens/{label}", { params }));
    });
  const roles = (among: readonly Role[]) =>
    among.map((value) => ({ value, label: t(`role.${value}`) }));
  const stateOf = (user: Schemas["UserBody"]) => {
    if (user.disabled) return t("users.disabled");
    if (user.locked_until) return t("users.locked", { time: format.time(user.locked_until) });
    return user.has_password ? t("users.active") : t("users.invited");
  };

  return (
    <Stack>
      <Fault of={fault} onClose={() => setFault(null)} />
      {told !== null && (
        <Alert title={t("users.once")} withCloseButton closeButtonLabel={t("page.close")} onClose={() => setTold(null)} role="status">
          <Code block>{told}</Code>
        </Alert>
      )}
      <Title order={2} size="h3">
        {t("page.users")}
      </Title>
      <form onSubmit={add}>
        <Group align="end">
          <TextInput
            label={t("signIn.name")}
            value={name}
            maxLength={64}
            onChange={(event) => setName(event.currentTarget.value)}
            required
          />
          <NativeSelect
            label={t("users.role")}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as Role)}
            data={roles(ROLES)}
          />
          <NativeSelect
            label={t("users.desk")}
            value={agent}
            onChange={(event) => setAgent(event.currentTarget.value)}
            data={[
              { value: "", label: "–" },
              ...agents.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
          />
          <Button type="submit">{t("users.add")}</Button>
        </Group>
      </form>
      <Table striped fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("signIn.name")}</Table.Th>
            <Table.Th>{t("users.role")}</Table.Th>
            <Table.Th>{t("users.desk")}</Table.Th>
            <Table.Th>{t("account.factor")}</Table.Th>
            <Table.Th>{t("users.state")}</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.name}>
              <Table.Td>{user.name}</Table.Td>
              <Table.Td>
                <NativeSelect
                  size="xs"
                  aria-label={`${t("users.role")}: ${user.name}`}
                  value={user.role}
                  onChange={(event) => change(user.name, { role: event.currentTarget.value })}
                  data={roles(ROLES)}
                />
              </Table.Td>
              <Table.Td>{agents.find(({ id }) => id === user.agent)?.name}</Table.Td>
              <Table.Td>{user.second_factor ? t("users.yes") : t("users.no")}</Table.Td>
              <Table.Td>{stateOf(user)}</Table.Td>
              <Table.Td>
                <Group gap={4} justify="end">
                  <Button size="compact-xs" variant="subtle" onClick={() => link(user.name)}>
                    {t("users.link")}
                  </Button>
                  {user.locked_until && (
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      onClick={() => change(user.name, { unlock: true })}
                    >
                      {t("users.unlock")}
                    </Button>
                  )}
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    onClick={() => change(user.name, { disabled: !user.disabled })}
                  >
                    {user.disabled ? t("users.enable") : t("users.disable")}
                  </Button>
                  <Button size="compact-xs" variant="subtle" onClick={() => remove(user.name)}>
                    {t("doNotCall.remove")}
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Title order={2} size="h3">
        {t("users.tokens")}
      </Title>
      <form onSubmit={addToken}>
        <Group align="end">
          <TextInput
            label={t("users.label")}
            value={label}
            maxLength={64}
            onChange={(event) => setLabel(event.currentTarget.value)}
            required
          />
          <NativeSelect
            label={t("users.may")}
            value={scope}
            onChange={(event) => setScope(event.currentTarget.value as Role)}
            data={roles(ROLES.filter((role) => role !== "agent"))}
          />
          <Button type="submit">{t("users.addToken")}</Button>
        </Group>
      </form>
      {tokens.length > 0 && (
        <Table striped fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("users.label")}</Table.Th>
              <Table.Th>{t("users.may")}</Table.Th>
              <Table.Th>{t("doNotCall.since")}</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tokens.map((token) => (
              <Table.Tr key={token.label}>
                <Table.Td>{token.label}</Table.Td>
                <Table.Td>
                  {t(`role.${token.role as Role}`)}
                  {token.read_only && ` (${t("users.readOnly")})`}
                </Table.Td>
                <Table.Td className="number">{format.moment(token.created_at)}</Table.Td>
                <Table.Td ta="right">
                  <Button size="compact-xs" variant="subtle" onClick={() => revoke(token.label)}>
                    {t("doNotCall.remove")}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

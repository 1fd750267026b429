// The API, with the types of its OpenAPI document.

import createClient, { type Middleware } from "openapi-fetch";

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Floor = Schemas["Floor"];
export type Campaign = Schemas["CampaignBody"];
export type AgentOnFloor = Schemas["AgentOnFloor"];
export type AgentState = Schemas["StateBody"];
export type Agent = Schemas["AgentBody"];
export type Window = Schemas["WindowBody"];
export type ScreenPop = Schemas["ScreenPop"];
export type Preview = Schemas["Preview"];
export type Push = Schemas["Push"];
export type Call = Schemas["CallBody"];
export type Decision = Schemas["DecisionBody"];

export type Session = Schemas["SessionBody"];
export type Role = Session["role"];

/** What every change is sent with, besides the cookie that no script can read. */
let csrf: string | null = null;
/** Told when the server does not know the session any more. */
let onSignedOut = () => {};

export const session = {
  begin: (begun: Session) => {
    csrf = begun.csrf ?? null;
  },
  end: () => {
    csrf = null;
  },
  whenOver: (tell: () => void) => {
    onSignedOut = tell;
  },
};

const authorize: Middleware = {
  onRequest({ request }) {
    if (csrf) request.headers.set("x-csrf-token", csrf);
    return request;
  },
  onResponse({ response, request }) {
    if (response.status === 401 && csrf && !request.url.includes("/v1/session")) onSignedOut();
  },
};

export const api = createClient<paths>({ baseUrl: location.origin });
api.use(authorize);

/** Looks whether the session still is one: a socket that closes does not say why. */
export async function checkSession() {
  const { response } = await api.GET("/v1/session");
  if (response.status === 401 && csrf) onSignedOut();
}

/** A no of the server, as its problem document words it (RFC 9457). */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** What was answered, or a `Refused`. */
export async function answered<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) return data as T;
  const problem = error as { detail?: string; title?: string } | undefined;
  throw new Refused(response.status, problem?.detail ?? problem?.title ?? response.statusText);
}

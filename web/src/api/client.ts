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

const KEPT_AS = "outdial.token";

/** The token of this tab: gone when the tab is closed. */
export const token = {
  read: () => sessionStorage.getItem(KEPT_AS),
  keep: (text: string) => sessionStorage.setItem(KEPT_AS, text),
  forget: () => sessionStorage.removeItem(KEPT_AS),
};

const authorize: Middleware = {
  onRequest({ request }) {
    const text = token.read();
    if (text) request.headers.set("Authorization", `Bearer ${text}`);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: location.origin });
api.use(authorize);

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

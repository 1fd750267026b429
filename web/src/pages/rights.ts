// What a role is shown. What it may do the server says, whatever is shown here.

import type { Session } from "../api/client";

/** Each page. */
export const PAGES = [
  "floor",
  "desk",
  "campaigns",
  "leads",
  "calls",
  "doNotCall",
  "rules",
  "trunks",
  "tune",
  "audit",
  "users",
  "account",
] as const;
export type Page = (typeof PAGES)[number];

/** A page's path: `do-not-call`. */
export const pathOf = (page: Page) => page.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);

const has = (who: Session, ...roles: string[]) => roles.includes(who.role);

export const may = {
  administer: (who: Session) => has(who, "administrator"),
  manage: (who: Session) => has(who, "administrator", "manager"),
  lead: (who: Session) => has(who, "administrator", "manager", "supervisor"),
  look: (who: Session) => !has(who, "agent"),
};

/** The pages of a role, the first of them first. */
export function pagesOf(who: Session): Page[] {
  const shown: Record<Page, boolean> = {
    floor: may.look(who),
    desk: may.lead(who) || who.agent != null,
    campaigns: may.look(who),
    leads: may.look(who),
    calls: may.look(who),
    doNotCall: may.look(who),
    rules: may.look(who),
    trunks: may.look(who),
    tune: may.manage(who),
    audit: may.look(who),
    users: may.administer(who),
    account: true,
  };
  return PAGES.filter((page) => shown[page]);
}

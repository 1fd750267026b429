// The words of the pages. English is the measure: what it says, every other language says too
// (the types see to it).

import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import en from "./en";

export type Words = typeof en;

/** The languages, each under its own name. */
export const LANGUAGES = {
  en: "English",
  es: "Español",
  bg: "Български",
  "zh-TW": "繁體中文",
} as const;

export type Language = keyof typeof LANGUAGES;

const KEPT_AS = "outdial.language";

const OTHERS: Record<Exclude<Language, "en">, () => Promise<{ default: Words }>> = {
  es: () => import("./es"),
  bg: () => import("./bg"),
  "zh-TW": () => import("./zh-TW"),
};

/** Begins in the language that was chosen here, or the browser's, or English. */
export async function speak() {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await change(chosen());
}

/** Changes the language of the pages. */
export async function change(language: Language) {
  if (language !== "en" && !i18next.hasResourceBundle(language, "translation")) {
    const words = (await OTHERS[language]()).default;
    i18next.addResourceBundle(language, "translation", words);
  }
  localStorage.setItem(KEPT_AS, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

function chosen(): Language {
  const wanted = [localStorage.getItem(KEPT_AS), ...navigator.languages];
  for (const tag of wanted) {
    const known = (Object.keys(LANGUAGES) as Language[]).find(
      (language) => tag === language || tag?.split("-")[0] === language.split("-")[0],
    );
    if (known) return known;
  }
  return "en";
}

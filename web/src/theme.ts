// Colours: the library's own, in shades dark enough on white (WCAG 2.1, contrast 4.5 to 1).

import { createTheme, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 9, dark: 8 },
  autoContrast: true,
  defaultRadius: "sm",
});

const NAMES = ["teal", "red", "orange", "yellow", "gray", "blue", "cyan", "violet", "grape"];

export const variables: CSSVariablesResolver = (theme) => {
  const dark = (name: string) => theme.colors[name]?.[9] ?? "";
  const light = (name: string) => theme.colors[name]?.[3] ?? "";
  const texts = (shade: (name: string) => string) =>
    Object.fromEntries(NAMES.map((name) => [`--mantine-color-${name}-light-color`, shade(name)]));
  return {
    variables: {},
    light: {
      ...texts((name) => `color-mix(in srgb, ${dark(name)} 50%, black)`),
      ...Object.fromEntries(
        NAMES.map((name) => [
          `--mantine-color-${name}-filled-hover`,
          `color-mix(in srgb, ${dark(name)} 80%, black)`,
        ]),
      ),
      "--mantine-color-anchor": dark("teal"),
      "--mantine-color-dimmed": theme.colors.gray?.[7] ?? "",
      "--mantine-color-error": dark("red"),
      "--mantine-color-placeholder": theme.colors.gray?.[6] ?? "",
    },
    dark: { ...texts(light), "--mantine-color-dimmed": theme.colors.dark?.[1] ?? "" },
  };
};

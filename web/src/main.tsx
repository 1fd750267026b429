import "@mantine/core/styles.css";
import "uplot/dist/uPlot.min.css";
import "./page.css";

import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { theme, variables } from "./theme";
import { speak } from "./words";

await speak();
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <App />
    </MantineProvider>
  </StrictMode>,
);

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** A compressed twin beside each file as it was written, for the server to send as it is. */
const twins: Plugin = {
  name: "twins",
  apply: "build",
  async writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle)) {
      const path = join(dir ?? ".", name);
      await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
    }
  },
};

// `npm run dev` shows the pages with live reloading, against a server of your own.
const server = process.env.OUTDIAL_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), twins],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  server: { proxy: { "/v1": { target: server, ws: true }, "/openapi.json": server } },
});

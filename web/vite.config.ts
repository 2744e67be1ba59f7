import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const out = here("../src/radcite/apps/web/static");

/** What pdf.js fetches at run time: character maps of CJK fonts, stand-in fonts, image decoders. */
const pdfjsData: Plugin = {
  name: "pdfjs-data",
  apply: "build",
  closeBundle() {
    for (const folder of ["cmaps", "standard_fonts", "wasm"]) {
      cpSync(here(`node_modules/pdfjs-dist/${folder}`), `${out}/pdfjs/${folder}`, { recursive: true });
    }
  },
};

export default defineConfig({
  base: "/",
  plugins: [pdfjsData],
  resolve: { alias: { events: "events/events.js", url: "url/url.js" } },
  worker: { format: "es" },
  build: { outDir: out, emptyOutDir: true, target: "es2022", sourcemap: false, chunkSizeWarningLimit: 6000 },
  server: { proxy: { "/api": "http://127.0.0.1:8420" } },
});

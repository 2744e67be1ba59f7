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
    for (const folder of ["cmaps", "standard_fonts", "wasm", "iccs"]) {
      cpSync(here(`node_modules/pdfjs-dist/${folder}`), `${out}/pdfjs/${folder}`, { recursive: true });
    }
  },
};

/** A style attribute set as text is refused by our content security policy; the same through the style object is not. */
const strictStyles: Plugin = {
  name: "strict-styles",
  transform(code, id) {
    if (!id.endsWith("/drawingSvg/drawTextBox.js")) return null;
    const refused = "textElement.setAttribute('style', combinedStyle);";
    if (!code.includes(refused)) throw new Error("drawTextBox.js has changed: look for its style attribute");
    return code.replace(refused, "textElement.style.cssText = combinedStyle;");
  },
};

export default defineConfig({
  base: "/",
  plugins: [pdfjsData, strictStyles],
  resolve: { alias: { events: "events/events.js", url: "url/url.js" } },
  worker: { format: "es" },
  build: { outDir: out, emptyOutDir: true, target: "es2022", sourcemap: false, chunkSizeWarningLimit: 6000 },
  server: { proxy: { "/api": "http://127.0.0.1:8420" } },
});

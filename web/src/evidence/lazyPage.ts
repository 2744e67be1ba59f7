import type { drawPage } from "./page";

/** pdf.js is fetched when the first page is shown. */
export const lazyPage = async (): Promise<typeof drawPage> => (await import("./page")).drawPage;

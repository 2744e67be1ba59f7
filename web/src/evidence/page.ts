import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import type { PageBox } from "../types";

GlobalWorkerOptions.workerSrc = workerUrl;

const open = new Map<string, Promise<PDFDocumentProxy>>();
const MOST_OPEN = 4;

function documentAt(url: string): Promise<PDFDocumentProxy> {
  const known = open.get(url);
  if (known) return known;
  const loading = getDocument({
    url,
    cMapUrl: "/pdfjs/cmaps/",
    cMapPacked: true,
    standardFontDataUrl: "/pdfjs/standard_fonts/",
    wasmUrl: "/pdfjs/wasm/",
    iccUrl: "/pdfjs/iccs/",
    disableAutoFetch: true,
    enableXfa: false,
    isEvalSupported: false,
  } as Parameters<typeof getDocument>[0]).promise;
  open.set(url, loading);
  loading.catch(() => open.delete(url));
  const oldest = open.keys().next().value;
  if (open.size > MOST_OPEN && oldest !== undefined) {
    void open.get(oldest)?.then((one) => one.loadingTask.destroy());
    open.delete(oldest);
  }
  return loading;
}

/** Draws a page to the holder's width with the boxes on it; how many pages there are. */
export async function drawPage(
  holder: HTMLElement, url: string, number: number, boxes: PageBox[], signal: AbortSignal,
): Promise<number> {
  const document_ = await documentAt(url);
  const page = await document_.getPage(Math.min(number, document_.numPages));
  if (signal.aborted) return document_.numPages;
  const plain = page.getViewport({ scale: 1 });
  const width = Math.max(320, holder.clientWidth);
  const viewport = page.getViewport({ scale: (width / plain.width) * Math.max(1, window.devicePixelRatio) });
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(viewport.width);
  canvas.height = Math.round(viewport.height);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `PDF ${number}/${document_.numPages}`);
  await page.render({ canvas, viewport }).promise;
  if (signal.aborted) return document_.numPages;
  const frames = boxes.filter((one) => one.page === number).map((one) => frameOf(one, plain.width, plain.height));
  const sheet = document.createElement("div");
  sheet.className = "sheet";
  sheet.append(canvas, ...frames);
  holder.replaceChildren(sheet);
  // Within the page alone: the title above it stays in view.
  if (frames[0]) holder.scrollTop = frames[0].offsetTop - holder.clientHeight / 2;
  return document_.numPages;
}

function frameOf(one: PageBox, width: number, height: number): HTMLElement {
  const [x0, y0, x1, y1] = one.box;
  const frame = document.createElement("div");
  frame.className = "quote-box";
  frame.style.left = `${(100 * x0) / width}%`;
  frame.style.top = `${(100 * y0) / height}%`;
  frame.style.width = `${(100 * (x1 - x0)) / width}%`;
  frame.style.height = `${(100 * (y1 - y0)) / height}%`;
  return frame;
}

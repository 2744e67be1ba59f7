import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { getJson, query } from "../api";
import { lang, t } from "../i18n";
import { lazyPage } from "./lazyPage";
import { citation, selected, select, turnShown, type Shown } from "../state";
import type { DocumentView, Evidence, PageBox, Passage, Place } from "../types";

interface Wanted { source: Passage; collection: string; start: number; end: number; boxes: PageBox[]; quoted: boolean }

/** What is to be shown of a passage: the cited words, or else the passage itself. */
function wantedOf(item: Evidence, place: Place | null): Wanted | null {
  if (item.source.kind !== "passage") return null;
  const source = item.source;
  const base = { source, collection: item.retrieval.collection, start: source.start, end: source.end, boxes: [], quoted: false };
  if (place?.type === "page_location") return { ...base, boxes: place.boxes, quoted: true };
  if (place?.type === "image_location" && place.on_page) return { ...base, boxes: [place.on_page], quoted: true };
  if (place?.type === "char_location") return { ...base, start: place.start, end: place.end, quoted: true };
  return base;
}

export const LiteraturePane = (): JSX.Element => {
  const turn = turnShown.value;
  const [open, setOpen] = useState<string | null>(null);
  const passages = (turn?.evidence ?? []).filter((one) => one.source.kind === "passage");
  const cited = citation.value?.citation;
  useEffect(() => setOpen(null), [selected.value?.turn, selected.value?.claim, selected.value?.citation]);
  if (!turn || !passages.length) return <p class="empty">{t("noLiterature")}</p>;
  const key = open ?? (passages.some((one) => one.key === cited?.evidence) ? cited?.evidence : passages[0]?.key);
  const item = passages.find((one) => one.key === key);
  const wanted = item ? wantedOf(item, cited && cited.evidence === key ? cited.place : null) : null;
  return (
    <div class="literature">
      {wanted && <DocumentPane key={`${key}/${wanted.start}/${wanted.boxes[0]?.box.join()}`} wanted={wanted} quote={cited?.evidence === key ? cited?.quote ?? "" : ""} />}
      <h3 class="list-title">{t("evidence")}</h3>
      <ul class="passages">
        {passages.map((one) => (
          <PassageRow key={one.key} turn={turn} item={one} chosen={one.key === key} onOpen={() => setOpen(one.key)} />
        ))}
      </ul>
    </div>
  );
};

const PassageRow = (props: { turn: Shown; item: Evidence; chosen: boolean; onOpen: () => void }): JSX.Element => {
  const source = props.item.source as Passage;
  const at = citedAt(props.turn, props.item.key);
  const open = (): void => (at ? select(props.turn.id, at[0], at[1]) : props.onOpen());
  return (
    <li>
      <button type="button" class={`passage ${props.chosen ? "chosen" : ""}`} aria-pressed={props.chosen} onClick={open}>
        <span class={`key ${at ? "cited" : ""}`}>{props.item.key}</span>
        <span class="passage-title">{source.title || source.document_id}</span>
        <span class="passage-note">
          {[source.page && pageWord(source.page), source.figure?.label, at && t("cited"), source.year, source.licence].filter(Boolean).join(" · ")}
          {source.retracted && <b class="retracted">{t("retracted")}</b>}
        </span>
        <span class="passage-text" lang={source.language === "zh" ? "zh-CN" : "en"}>{source.text.replace(/\s+/g, " ").slice(0, 180)}…</span>
      </button>
    </li>
  );
};

function citedAt(turn: Shown, key: string): [number, number] | null {
  for (const [i, claim] of turn.claims.entries()) {
    const j = claim.citations.findIndex((one) => one.evidence === key);
    if (j >= 0) return [i, j];
  }
  return null;
}

export const pageWord = (page: number): string => (lang.value === "zh" ? `第 ${page} 页` : `p. ${page}`);

const DocumentPane = ({ wanted, quote }: { wanted: Wanted; quote: string }): JSX.Element => {
  const [view, setView] = useState<DocumentView | null>(null);
  const { source, collection } = wanted;
  useEffect(() => {
    let current = true;
    const asked = query({ id: source.document_id, collection, start: wanted.start, end: wanted.end });
    getJson<DocumentView>(`/api/document?${asked}`).then((told) => current && setView(told), () => current && setView(null));
    return () => { current = false; };
  }, []);
  const link = source.source_url ?? (source.doi ? `https://doi.org/${source.doi}` : null);
  const boxes = wanted.boxes.length ? wanted.boxes : view?.boxes ?? [];
  return (
    <section class="document">
      <header>
        <h3 lang={source.language === "zh" ? "zh-CN" : "en"}>{source.title || source.document_id}</h3>
        <p class="passage-note">
          {[source.year, source.licence, source.doi && `doi:${source.doi}`, source.pmid && `PMID ${source.pmid}`].filter(Boolean).join(" · ")}
          {link && <> <a href={link} target="_blank" rel="noreferrer noopener">{t("openSource")}</a></>}
        </p>
      </header>
      {view?.pages ? (
        <PageHolder documentId={source.document_id} collection={collection} boxes={boxes} quoted={wanted.quoted} />
      ) : (
        <MarkedText view={view} wanted={wanted} quote={quote} />
      )}
    </section>
  );
};

const PageHolder = (props: { documentId: string; collection: string; boxes: PageBox[]; quoted: boolean }): JSX.Element => {
  const holder = useRef<HTMLDivElement>(null);
  const [page, setPage] = useState(props.boxes[0]?.page ?? 1);
  const [pages, setPages] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const url = `/api/document/file?${query({ id: props.documentId, collection: props.collection })}`;
    lazyPage()
      .then((draw) => holder.current && draw(holder.current, url, page, props.boxes, stop.signal))
      .then((count) => { if (typeof count === "number" && !stop.signal.aborted) setPages(count); }, () => !stop.signal.aborted && setFailed(true));
    return () => stop.abort();
  }, [page]);
  return (
    <div class="page-holder">
      <div class="page-tools">
        <button type="button" class="icon-button" aria-label={t("previousPage")} disabled={page <= 1} onClick={() => setPage(page - 1)}>‹</button>
        <span>{pageWord(page)}{pages ? ` / ${pages}` : ""}</span>
        <button type="button" class="icon-button" aria-label={t("nextPage")} disabled={pages > 0 && page >= pages} onClick={() => setPage(page + 1)}>›</button>
        {props.quoted && props.boxes.some((one) => one.page === page) && <span class="legend"><i class="swatch" />{t("quoteOnPage")}</span>}
      </div>
      {failed && <p class="empty" role="alert">{t("noPages")}</p>}
      <div ref={holder} class="page" tabIndex={0} role="region" aria-label={pageWord(page)} />
    </div>
  );
};

const MarkedText = ({ view, wanted, quote }: { view: DocumentView | null; wanted: Wanted; quote: string }): JSX.Element => {
  const source = wanted.source;
  const mark = useRef<HTMLElement>(null);
  useEffect(() => mark.current?.scrollIntoView({ block: "nearest" }), [view]);
  // Places count code points; JavaScript's strings count UTF-16 units.
  const points = [...(view?.text ?? source.text)];
  const first = view ? view.from : source.start;
  const [start, end] = wanted.quoted && quote ? [wanted.start - first, wanted.end - first] : [-1, -1];
  const inside = start >= 0 && end <= points.length;
  return (
    <div class="text-view" tabIndex={0} role="region" aria-label={source.title || t("literature")} lang={source.language === "zh" ? "zh-CN" : "en"}>
      {inside ? (
        <p>
          {view && view.from > 0 ? "… " : ""}{points.slice(0, start).join("")}
          <mark ref={mark}>{points.slice(start, end).join("")}</mark>
          {points.slice(end).join("")}{view && view.from + points.length < view.length ? " …" : ""}
        </p>
      ) : (
        <p>{points.join("")}</p>
      )}
    </div>
  );
};

import { batch } from "@preact/signals";
import type { Evidence } from "../types";
import { citation, evidenceOpen, openCase, selected, type Shown, tab, turnShown } from "./signals";

/** The first citation of an answer, so that the evidence pane shows what carries it. */
export function selectFirst(turn: Shown | undefined): void {
  if (!turn || !turn.claims.length) return;
  select(turn.id, 0, 0, false);
}

export function select(turn: string, claim: number, at: number, show = true): void {
  batch(() => {
    selected.value = { turn, claim, citation: at };
    const place = citation.value?.citation.place;
    if (place?.type === "case_location") {
      openCase.value = citation.value?.citation.evidence ?? null;
      tab.value = "cases";
    } else if (place?.type === "image_location" && !place.on_page) tab.value = "image";
    else if (place) tab.value = "literature";
    if (show) evidenceOpen.value = true;
  });
}

/** One citation on or back, over all claims of the turn in view. */
export function walk(by: 1 | -1): void {
  const turn = turnShown.value;
  if (!turn) return;
  const places = turn.claims.flatMap((claim, i) => claim.citations.map((_, j) => [i, j] as const));
  if (!places.length) return;
  const at = places.findIndex(([i, j]) => selected.value?.claim === i && selected.value?.citation === j);
  const next = places[(at + by + places.length) % places.length] ?? places[0];
  if (next) select(turn.id, next[0], next[1]);
}

export function showKind(first: Evidence): void {
  tab.value = first.source.kind === "case" ? "cases" : first.source.kind === "region" ? "image" : "literature";
}

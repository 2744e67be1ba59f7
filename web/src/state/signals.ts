import { computed, effect, signal } from "@preact/signals";
import { ApiError, sendJson } from "../api";
import { lang } from "../i18n";
import type {
  Asking, Citation, Claim, DifferentialItem, Evidence, Feedback, Gate, Outcome, Problem, Refused, Safety, Session, Step, Study, Thread,
} from "../types";

export type Tab = "image" | "cases" | "literature" | "trace";

/** A turn on the screen: a kept one, or one whose answer is on its way. */
export interface Shown {
  id: string;
  number: number | null;
  asking: Asking;
  outcome: Outcome | null;
  problem: Problem | null;
  steps: Step[];
  safety: Safety | null;
  evidence: Evidence[];
  claims: Claim[];
  differential: DifferentialItem[];
  live: boolean;
  stopped: boolean;
  seconds: number;
  feedback: Feedback | null;
}

/** Something sent in: its way through upload and gate. */
export interface Parcel {
  id: number;
  names: string[];
  sent: number;
  read: [number, number] | null;
  gate: Gate | null;
  refused: Refused[];
  problem: Problem | null;
  added: { documents: number; passages: number; cases: number; images: number; skipped: number } | null;
  done: boolean;
}

export const session = signal<Session | null>(null);
export const offline = signal(false);
export const theme = signal<"dark" | "light">(localStorage.getItem("radcite.theme") === "light" ? "light" : "dark");
export const collection = signal(localStorage.getItem("radcite.collection") ?? "");
export const threads = signal<Thread[]>([]);
export const studies = signal<Study[]>([]);
export const thread = signal<string | null>(null);
export const shown = signal<Shown[]>([]);
export const study = signal<Study | null>(null);
export const parcels = signal<Parcel[]>([]);
export const tab = signal<Tab>("literature");
export type Middle = "conversation" | "report" | "queue" | "teaching";
export const middle = signal<Middle>("conversation");
const NARROW = window.innerWidth <= 1000;
export const collapsed = signal(NARROW || localStorage.getItem("radcite.collapsed") === "yes");
/** On a narrow screen the evidence lies over the conversation and opens with a citation. */
export const evidenceOpen = signal(!NARROW);
export const helpOpen = signal(false);
export const archiveOpen = signal(false);
export const draft = signal("");
export const task = signal("auto");
export const announcement = signal("");

/** What the evidence pane is about: a turn, and within it a claim's citation. */
export const selected = signal<{ turn: string; claim: number; citation: number } | null>(null);
/** The case that is open in the gallery, by its evidence key or its hit. */
export const openCase = signal<string | null>(null);
/** What stands beside the image: a case by its evidence key, or `study:` and the id of an earlier study. */
export const comparing = signal<string | null>(null);
/** A label whose place on the image is asked for: the cases that carry it, by their ids. */
export const labelAsked = signal<{ label: string; cases: string[]; collection: string } | null>(null);
/** The image that is asked about in place of the study's key images. */
export const keyImage = signal<string | null>(null);

/** The report under review as a turn, so that its chips open their evidence. */
export const reportTurn = signal<Shown | null>(null);

export const turnShown = computed<Shown | null>(() => {
  const chosen = selected.value?.turn;
  if (chosen && reportTurn.value?.id === chosen) return reportTurn.value;
  return shown.value.find((one) => one.id === chosen) ?? shown.value.at(-1) ?? null;
});

export const citation = computed<{ claim: Claim; citation: Citation } | null>(() => {
  const at = selected.value;
  if (!at) return null;
  const turn = turnShown.value;
  const claim = turn?.id === at.turn ? turn.claims[at.claim] : undefined;
  const found = claim?.citations[at.citation];
  return claim && found ? { claim, citation: found } : null;
});

/** The study that holds one of these images. */
export const studyOf = (among: Study[], images: string[]): Study | undefined =>
  among.find((one) => one.series.some((series) => series.images.some((image) => images.includes(image.digest))));

export const busy = computed(() => shown.value.some((one) => one.live));

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem("radcite.theme", theme.value);
});
effect(() => {
  document.documentElement.lang = lang.value === "zh" ? "zh-CN" : "en";
  localStorage.setItem("radcite.lang", lang.value);
});
effect(() => {
  void study.value?.study;
  keyImage.value = null;
  labelAsked.value = null;
});
effect(() => localStorage.setItem("radcite.collapsed", collapsed.value ? "yes" : "no"));
effect(() => {
  if (collection.value) localStorage.setItem("radcite.collection", collection.value);
});

export const problemOf = (error: unknown): Problem =>
  error instanceof ApiError
    ? error.problem
    : { code: "INTERNAL", title: "Unexpected error", detail: String(error), hint: "", status: 0,
        zh: { title: "意外错误", detail: String(error), hint: "" } };

/** The question on its way, so that it can be stopped. */
export const asked: { stopping: AbortController | null } = { stopping: null };

/** Stops the question on its way at the server too: a proxy between may not pass on that nobody listens any more. */
export async function stop(): Promise<void> {
  const { stopping } = asked;
  if (!stopping || stopping.signal.aborted || !busy.value) return;
  if (thread.value) await sendJson("POST", `/api/threads/${thread.value}/stop`).catch(() => undefined);
  stopping.abort();
}

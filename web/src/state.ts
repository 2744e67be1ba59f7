import { batch, computed, effect, signal } from "@preact/signals";
import { ApiError, getJson, sendJson, stream, upload, useToken, type Listener } from "./api";
import { lang, t } from "./i18n";
import type {
  Abstention, Answer, Asking, Citation, Claim, DifferentialItem, Evidence, Feedback, Gate, Outcome, Problem, Refused,
  Safety, Session, Step, Study, Thread, Turn,
} from "./types";

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
export type Middle = "conversation" | "teaching";
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
/** The image that is asked about in place of the study's key images. */
export const keyImage = signal<string | null>(null);

export const turnShown = computed<Shown | null>(() => {
  const chosen = selected.value?.turn;
  return shown.value.find((one) => one.id === chosen) ?? shown.value.at(-1) ?? null;
});

export const citation = computed<{ claim: Claim; citation: Citation } | null>(() => {
  const at = selected.value;
  if (!at) return null;
  const claim = shown.value.find((one) => one.id === at.turn)?.claims[at.claim];
  const found = claim?.citations[at.citation];
  return claim && found ? { claim, citation: found } : null;
});

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

export async function start(): Promise<void> {
  try {
    await takeSession(await getJson<Session>("/api/session"));
    offline.value = false;
  } catch {
    offline.value = true;
  }
}

async function takeSession(told: Session): Promise<void> {
  useToken(told);
  session.value = told;
  if (!told.user) return;
  const names = told.collections.map((one) => one.name);
  if (!names.includes(collection.value)) {
    const largest = [...told.collections].sort((a, b) => b.passages + b.cases - a.passages - a.cases)[0];
    collection.value = largest?.name ?? "default";
  }
  await Promise.all([listThreads(), listStudies()]);
  const asked = location.hash.match(/^#\/thread\/([0-9a-f]+)$/)?.[1];
  if (asked && threads.value.some((one) => one.thread === asked)) await openThread(asked);
}

export async function signIn(name: string, password: string): Promise<Problem | null> {
  try {
    const told = await sendJson<Session>("POST", "/api/session", { name, password });
    if (told) await takeSession(told);
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

export async function signOut(): Promise<void> {
  await sendJson("DELETE", "/api/session");
  batch(() => {
    newThread();
    threads.value = [];
    studies.value = [];
  });
  await start();
}

const listThreads = async (): Promise<void> => {
  threads.value = await getJson<Thread[]>("/api/threads");
};
const listStudies = async (): Promise<void> => {
  studies.value = await getJson<Study[]>("/api/studies");
};

const fromTurn = (thread: string, turn: Turn): Shown => {
  const answer = turn.outcome?.kind === "answer" ? (turn.outcome as Answer) : null;
  return {
    id: `${thread}/${turn.number}`,
    number: turn.number,
    asking: turn.asking,
    outcome: turn.outcome,
    problem: turn.problem,
    steps: turn.steps,
    safety: turn.outcome?.safety ?? null,
    evidence: answer?.evidence ?? [],
    claims: answer?.claims ?? [],
    differential: answer?.differential ?? [],
    live: false,
    stopped: false,
    seconds: turn.seconds,
    feedback: turn.feedback,
  };
};

export async function openThread(id: string): Promise<void> {
  const turns = await getJson<Turn[]>(`/api/threads/${id}`);
  const last = turns.at(-1)?.asking.study;
  const found = last ? await getJson<Study>(`/api/studies/${last}`).catch(() => null) : null;
  batch(() => {
    thread.value = id;
    shown.value = turns.map((turn) => fromTurn(id, turn));
    selected.value = null;
    openCase.value = null;
    comparing.value = null;
    study.value = found;
    middle.value = "conversation";
  });
  location.hash = `#/thread/${id}`;
  selectFirst(shown.value.at(-1));
}

/** An outcome that was not asked for in the conversation, as the one turn that the evidence pane is about. */
export function showTurn(outcome: Answer): void {
  const asking = { text: "", study: null, images: [], task: outcome.task, language: "auto", collection: collection.value };
  const turn = { number: 0, asking, outcome, problem: null, steps: [], seconds: 0, asked_at: "", feedback: null };
  shown.value = [{ ...fromTurn("shown", turn), number: null }];
  selectFirst(shown.value[0]);
}

export function newThread(where: Middle = "conversation"): void {
  batch(() => {
    stop();
    thread.value = null;
    shown.value = [];
    selected.value = null;
    openCase.value = null;
    comparing.value = null;
    study.value = null;
    parcels.value = [];
    middle.value = where;
  });
  history.replaceState(null, "", "#/");
}

export async function removeThread(id: string): Promise<void> {
  await sendJson("DELETE", `/api/threads/${id}`);
  if (thread.value === id) newThread();
  await listThreads();
}

export async function removeStudy(id: string): Promise<void> {
  await sendJson("DELETE", `/api/studies/${id}`);
  if (study.value?.study === id) study.value = null;
  await listStudies();
}

export function openStudy(one: Study): void {
  batch(() => {
    study.value = one;
    tab.value = "image";
    comparing.value = null;
  });
}

/** The first citation of an answer, so that the evidence pane shows what carries it. */
function selectFirst(turn: Shown | undefined): void {
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
    } else if (place?.type === "image_location") tab.value = "image";
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

let stopping: AbortController | null = null;
export const stop = (): void => stopping?.abort();

const change = (id: string, by: Partial<Shown>): void => {
  shown.value = shown.value.map((one) => (one.id === id ? { ...one, ...by } : one));
};

export async function send(text: string): Promise<void> {
  if (busy.value || (!text.trim() && !study.value)) return;
  const asking: Asking = {
    text, study: study.value?.study ?? null, images: study.value && keyImage.value ? [keyImage.value] : [], task: task.value, language: "auto", collection: collection.value,
  };
  const id = `live/${Date.now()}`;
  const made: Shown = {
    id, number: null, asking, outcome: null, problem: null, steps: [], safety: null, evidence: [], claims: [],
    differential: [], live: true, stopped: false, seconds: 0, feedback: null,
  };
  batch(() => {
    shown.value = [...shown.value, made];
    draft.value = "";
    parcels.value = parcels.value.filter((one) => !one.done || one.problem);
    middle.value = "conversation";
    selected.value = null;
    openCase.value = null;
  });
  stopping = new AbortController();
  try {
    await stream("/api/ask", { ...asking, thread: thread.value }, (name, data) => heard(id, name, data), stopping.signal);
    const last = shown.value.find((one) => one.id === id);
    if (last?.live) change(id, { live: false, problem: problemOf(new ApiError(OFFLINE_PROBLEM)) });
  } catch (error) {
    const stopped = error instanceof DOMException && error.name === "AbortError";
    change(id, stopped ? { live: false, stopped: true } : { live: false, problem: problemOf(error) });
    if (error instanceof ApiError && error.problem.code === "UNAUTHENTICATED") await start();
  }
  await listThreads().catch(() => undefined);
}

const OFFLINE_PROBLEM: Problem = {
  code: "OFFLINE", title: "The answer broke off", detail: "the connection ended", hint: "Ask again.", status: 0,
  zh: { title: "回答中断", detail: "连接已断开", hint: "请重新提问。" },
};

function heard(id: string, name: string, data: unknown): void {
  const turn = shown.value.find((one) => one.id === id);
  if (!turn) return;
  switch (name) {
    case "thread": {
      thread.value = (data as { thread: string }).thread;
      history.replaceState(null, "", `#/thread/${thread.value}`);
      return;
    }
    case "step": {
      const step = data as Step;
      const before = turn.steps.filter((one) => !(one.state === "started" && one.name === step.name));
      return change(id, { steps: [...before, step] });
    }
    case "safety":
      return change(id, { safety: data as Safety });
    case "evidence":
      if (!turn.evidence.length) showKind(data as Evidence);
      return change(id, { evidence: [...turn.evidence, data as Evidence] });
    case "claim":
      return change(id, { claims: [...turn.claims, (data as { claim: Claim }).claim] });
    case "differential":
      return change(id, { differential: (data as { items: DifferentialItem[] }).items });
    case "usage":
      return change(id, { seconds: (data as { seconds: number }).seconds });
    case "error":
      announcement.value = lang.value === "zh" ? (data as Problem).zh.title : (data as Problem).title;
      return change(id, { live: false, problem: data as Problem });
    case "done":
      return finished(id, data as { turn: number | null; outcome: Outcome });
  }
}

function showKind(first: Evidence): void {
  tab.value = first.source.kind === "case" ? "cases" : first.source.kind === "region" ? "image" : "literature";
}

function finished(id: string, data: { turn: number | null; outcome: Outcome }): void {
  const outcome = data.outcome;
  change(id, {
    live: false, outcome, number: data.turn,
    ...(outcome.kind === "answer" ? { claims: outcome.claims, evidence: outcome.evidence } : {}),
  });
  announcement.value =
    outcome.kind === "answer" ? outcome.claims.map((one) => one.text).join(" ") : (outcome as Abstention).message;
  selectFirst(shown.value.find((one) => one.id === id));
}

export async function judge(turn: Shown, feedback: Feedback): Promise<void> {
  if (turn.number === null || !thread.value) return;
  await sendJson("PUT", `/api/threads/${thread.value}/turns/${turn.number}/feedback`, feedback);
  change(turn.id, { feedback });
}

let parcelNumber = 0;

const toLibrary = (file: File): boolean => /\.(pdf|txt|md|markdown|jsonl)$/i.test(file.name);

/** Images become a study to ask about; documents wait for a word before they join the library. */
export const pendingLibrary = signal<File[]>([]);

export async function take(files: File[]): Promise<void> {
  const documents = files.filter(toLibrary);
  const images = files.filter((file) => !toLibrary(file));
  if (documents.length) pendingLibrary.value = documents;
  if (images.length) await sendStudy(images);
}

/** Something on its way in: `send` says how far it is sent and hands on what comes back. */
async function sendParcel(
  names: string[],
  send: (sent: (share: number) => void, listen: Listener) => Promise<void>,
  arrived: (name: string, data: unknown) => Partial<Parcel> | null,
): Promise<void> {
  const id = ++parcelNumber;
  parcels.value = [
    ...parcels.value.slice(-3),
    { id, names, sent: 0, read: null, gate: null, refused: [], problem: null, added: null, done: false },
  ];
  const update = (by: Partial<Parcel>): void => {
    parcels.value = parcels.value.map((one) => (one.id === id ? { ...one, ...by } : one));
  };
  try {
    await send((sent) => update({ sent }), (name, data: unknown) => {
      if (name === "progress") {
        const { done, total } = data as { done: number; total: number };
        return update({ read: [done, total] });
      }
      if (name === "error") return update({ problem: data as Problem, done: true });
      const by = arrived(name, data);
      if (by) update({ ...by, done: true });
    });
  } catch (error) {
    update({ problem: problemOf(error), done: true });
  }
}

function studyArrived(name: string, data: unknown): Partial<Parcel> | null {
  if (name !== "study") return null;
  const told = data as { study: Study; refused: Refused[] };
  openStudy(told.study);
  announcement.value = `${t("gate")}: ${told.study.gate.removed.length} ${t("gateRemoved")}`;
  return { gate: told.study.gate, refused: told.refused };
}

/** Fetches a study of the archive; it passes the same gate as one that is dropped. */
export async function fetchStudy(uid: string, label: string): Promise<void> {
  await sendParcel([label], (sent, listen) => {
    sent(1);
    return stream("/api/pacs/studies", { uid }, listen);
  }, studyArrived);
  await listStudies().catch(() => undefined);
}

async function sendStudy(files: File[]): Promise<void> {
  await sendParcel(files.map((one) => one.name), (sent, listen) => upload("/api/studies", files, {}, sent, listen), studyArrived);
  await listStudies().catch(() => undefined);
}

export async function addToLibrary(): Promise<void> {
  const files = pendingLibrary.value;
  pendingLibrary.value = [];
  const fields = { collection: collection.value || "default" };
  const names = files.map((one) => one.name);
  await sendParcel(names, (sent, listen) => upload("/api/library", files, fields, sent, listen), (name, data) => {
    if (name !== "report") return null;
    const told = data as Parcel["added"] & { quarantined: Refused[] };
    return { added: told, refused: told.quarantined };
  });
  session.value = await getJson<Session>("/api/session");
}

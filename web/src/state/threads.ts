import { batch } from "@preact/signals";
import { getJson, sendJson } from "../api";
import type { Answer, Feedback, Study, Thread, Turn } from "../types";
import { selectFirst } from "./evidence";
import {
  collection, comparing, type Middle, middle, openCase, parcels, selected, type Shown, shown, stop, studies, study, tab, thread, threads,
} from "./signals";

export const listThreads = async (): Promise<void> => {
  threads.value = await getJson<Thread[]>("/api/threads");
};
export const listStudies = async (): Promise<void> => {
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
    void stop();
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

/** Changes a turn on the screen. */
export const change = (id: string, by: Partial<Shown>): void => {
  shown.value = shown.value.map((one) => (one.id === id ? { ...one, ...by } : one));
};

export async function judge(turn: Shown, feedback: Feedback): Promise<void> {
  if (turn.number === null || !thread.value) return;
  await sendJson("PUT", `/api/threads/${thread.value}/turns/${turn.number}/feedback`, feedback);
  change(turn.id, { feedback });
}

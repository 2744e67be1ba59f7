import { batch } from "@preact/signals";
import { ApiError, stream } from "../api";
import { lang } from "../i18n";
import type { Abstention, Asking, Claim, DifferentialItem, Evidence, Outcome, Problem, Safety, Step } from "../types";
import { selectFirst, showKind } from "./evidence";
import { listWaiting } from "./reports";
import { start } from "./session";
import {
  announcement, asked, busy, collection, draft, keyImage, middle, openCase, parcels, problemOf, selected, type Shown, shown, studies, study, task, thread,
} from "./signals";
import { change, listThreads } from "./threads";

const asIs = (text: string): Asking => ({
  text, study: study.value?.study ?? null, images: study.value && keyImage.value ? [keyImage.value] : [], task: task.value, language: "auto", collection: collection.value,
});

/** Puts a question back into the composer, with its images and its task, to be changed and asked anew. */
export function recall(one: Asking): void {
  study.value = studies.value.find((each) => each.study === one.study) ?? null;
  const keys = study.value?.series.map((each) => each.key) ?? [];
  keyImage.value = one.images.find((digest) => !keys.includes(digest)) ?? null;
  task.value = one.task;
  draft.value = one.text;
  document.getElementById("question")?.focus();
}

/** Asks what stands in the composer, or a question of before as it was asked. */
export async function send(text: string, again: Asking | null = null): Promise<void> {
  const asking = again ?? asIs(text);
  if (busy.value || (!text.trim() && !asking.study)) return;
  const id = `live/${Date.now()}`;
  const made: Shown = {
    id, number: null, asking, outcome: null, problem: null, steps: [], safety: null, evidence: [], claims: [],
    differential: [], live: true, stopped: false, seconds: 0, feedback: null,
  };
  batch(() => {
    shown.value = [...shown.value, made];
    if (!again) draft.value = "";
    parcels.value = parcels.value.filter((one) => !one.done || one.problem);
    middle.value = "conversation";
    selected.value = null;
    openCase.value = null;
  });
  asked.stopping = new AbortController();
  try {
    await stream("/api/ask", { ...asking, thread: thread.value }, (name, data) => heard(id, name, data), asked.stopping.signal);
    const last = shown.value.find((one) => one.id === id);
    if (last?.live) change(id, { live: false, problem: problemOf(new ApiError(OFFLINE_PROBLEM)) });
  } catch (error) {
    const stopped = error instanceof DOMException && error.name === "AbortError";
    change(id, stopped ? { live: false, stopped: true } : { live: false, problem: problemOf(error) });
    if (error instanceof ApiError && error.problem.code === "UNAUTHENTICATED") await start();
  }
  await Promise.all([listThreads(), listWaiting()]).catch(() => undefined);
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
    case "stopped":
      return change(id, { live: false, stopped: true });
    case "done":
      return finished(id, data as { turn: number | null; outcome: Outcome });
  }
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

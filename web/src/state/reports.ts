import { batch, computed, signal } from "@preact/signals";
import { getJson, sendJson } from "../api";
import type { Answer, Claim, Finding, Problem, Report, Template, Waiting } from "../types";
import { select } from "./evidence";
import { type Middle, middle, problemOf, reportTurn, selected, type Shown, shown, studies, study, studyOf, thread } from "./signals";

/** The steps taken in one report, one after the other. What was taken behind one that failed is not sent. */
interface Line { last: Promise<unknown>; failures: number; problem: Problem | null }
const newLine = (): Line => ({ last: Promise.resolve(), failures: 0, problem: null });
let line = newLine();
let timer: ReturnType<typeof setTimeout> | undefined;

export const reportId = signal<string | null>(null);
export const report = signal<Report | null>(null);
/** How many versions there are: an earlier one may be in view. */
export const versions = signal(1);
export const reportProblem = signal<Problem | null>(null);
/** Words under headings that the server does not have: being typed, on their way, or refused with a problem. */
export const unsaved = signal<ReadonlyMap<string, { words: string; problem: Problem | null }>>(new Map());
export const templates = signal<Template[]>([]);
export const waiting = signal<Waiting[]>([]);
export const unsigned = computed(() => waiting.value.filter((one) => !one.signed).length);

/** What waits, as it is once the last step that was taken has arrived. */
export async function listWaiting(): Promise<void> {
  await line.last;
  waiting.value = await getJson<Waiting[]>("/api/review-queue");
}

export function showMiddle(name: Middle): void {
  batch(() => {
    middle.value = name;
    if (name === "conversation") selected.value = null;
  });
  history.replaceState(null, "", name === "conversation" && thread.value ? `#/thread/${thread.value}` : "#/");
}

/** The report of the conversation's last draft, or the one that was open. */
export function showReport(): void {
  const drafted = shown.value.flatMap((turn) => (turn.outcome?.kind === "answer" ? [(turn.outcome as Answer).review?.report_id] : []));
  const id = drafted.filter(Boolean).at(-1) ?? reportId.value;
  if (id) openReport(id);
  else middle.value = "report";
}

export function openReport(id: string): void {
  if (reportId.value !== id) leaveReport();
  batch(() => {
    middle.value = "report";
    reportProblem.value = null;
    reportId.value = id;
  });
  history.replaceState(null, "", `#/report/${id}`);
  void load(id);
}

/** What was typed is still sent; what the next report gets waits for nothing of this one. */
function leaveReport(): void {
  void saveWords();
  line = newLine();
  batch(() => {
    unsaved.value = new Map();
    report.value = null;
    reportId.value = null;
  });
}

export function forgetReport(): void {
  batch(() => {
    leaveReport();
    reportTurn.value = null;
    waiting.value = [];
  });
}

async function load(id: string): Promise<void> {
  try {
    if (!templates.value.length) templates.value = await getJson<Template[]>("/api/report-templates");
    let found = await getJson<Report>(path(id));
    // A draft is laid out when it is first opened.
    if (!found.signed && !found.form) found = (await sendJson<Report>("PUT", `${path(id)}/form`, {})) ?? found;
    if (reportId.value === id) show(found);
  } catch (error) {
    reportProblem.value = problemOf(error);
  }
}

export async function showVersion(number: number): Promise<void> {
  if (!report.value) return;
  try {
    report.value = await getJson<Report>(`${path(report.value.report_id)}?version=${number}`);
  } catch (error) {
    reportProblem.value = problemOf(error);
  }
}

const path = (id: string): string => `/api/reports/${encodeURIComponent(id)}`;

function show(found: Report): void {
  const turn = asTurn(found);
  batch(() => {
    report.value = found;
    versions.value = found.version;
    reportTurn.value = turn;
    study.value = studyOf(studies.value, found.images) ?? study.value;
    if (selected.value?.turn !== turn.id) select(turn.id, 0, 0, false);
  });
}

const asClaim = (one: Finding): Claim => ({
  text: one.text, about: one.about, certainty: one.certainty, support: one.support, reason: null, part: null, condition: null, gloss: null, citations: one.citations,
});

const asTurn = (found: Report): Shown => ({
  id: `report/${found.report_id}`, number: null, outcome: null, problem: null, steps: [], live: false, stopped: false, seconds: 0, feedback: null,
  asking: { text: "", study: null, images: [], task: found.task, language: found.language, collection: found.collection },
  safety: found.safety, evidence: found.evidence, claims: found.findings.map(asClaim), differential: found.differential ?? [],
});

/** One step of the review, once those before it are done: the problem that stopped it, or null.

It goes from the report as it is on the screen: one that somebody else has changed is read again instead. */
function step(method: string, where: string, body: object): Promise<Problem | null> {
  const id = reportId.value;
  const at = line;
  const failures = at.failures;
  const work = async (): Promise<Problem | null> => {
    if (!id || at.failures !== failures) return at.problem;
    const seen = report.value?.report_id === id ? { expects: report.value.revision } : {};
    try {
      const told = await sendJson<Report>(method, `${path(id)}/${where}`, { ...body, ...seen });
      if (told && reportId.value === id) keep(told);
      return null;
    } catch (error) {
      at.failures += 1;
      at.problem = problemOf(error);
      if (at.problem.code === "REPORT_CHANGED") await load(id);
      if (reportId.value === id) reportProblem.value = at.problem;
      return at.problem;
    }
  };
  const next = at.last.then(work);
  at.last = next;
  return next;
}

const keep = (told: Report): void => batch(() => {
  report.value = told;
  versions.value = told.version;
  reportProblem.value = null;
});

const mark = (heading: string, one: { words: string; problem: Problem | null } | null): void => {
  const marked = new Map(unsaved.value);
  if (one) marked.set(heading, one);
  else marked.delete(heading);
  unsaved.value = marked;
};

/** Words under a heading as they are typed; they are sent when the typing pauses. */
export function typeWords(heading: string, words: string): void {
  mark(heading, { words, problem: null });
  clearTimeout(timer);
  timer = setTimeout(() => void saveWords(), 700);
}

/** Sends what was typed; whether all of it is kept now. */
export async function saveWords(): Promise<boolean> {
  clearTimeout(timer);
  const at = line;
  const typed = reportId.value;
  const sending = [...unsaved.value].map(async ([heading, { words }]) => {
    const problem = await step("PUT", `form/${heading}`, { text: words });
    if (reportId.value === typed && unsaved.value.get(heading)?.words === words) mark(heading, problem && { words, problem });
  });
  await Promise.all([at.last, ...sending]);
  return unsaved.value.size === 0;
}

export async function chooseTemplate(template: string): Promise<void> {
  if (await saveWords()) await step("PUT", "form", { template });
}

export const decide = async (finding: string, decision: "accepted" | "edited" | "rejected", by: { words?: string; reason?: string } = {}): Promise<void> => {
  await step("PUT", `findings/${finding}`, { decision, ...by });
};

/** Signs what is on the screen, once all of it is kept. */
export async function sign(signer: string | null): Promise<void> {
  if (!(await saveWords())) return;
  await step("POST", "signature", signer === null ? {} : { signer });
  await listWaiting().catch(() => undefined);
}

export async function amend(reason: string): Promise<void> {
  await step("POST", "amendment", { reason });
  await listWaiting().catch(() => undefined);
}

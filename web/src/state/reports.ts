import { batch, computed, signal } from "@preact/signals";
import { getJson, sendJson } from "../api";
import type { Answer, Claim, Finding, Problem, Report, Template, Waiting } from "../types";
import { select } from "./evidence";
import { type Middle, middle, problemOf, reportTurn, selected, type Shown, shown, studies, study, thread } from "./signals";

let last: Promise<unknown> = Promise.resolve();

export const reportId = signal<string | null>(null);
export const report = signal<Report | null>(null);
/** How many versions there are: an earlier one may be in view. */
export const versions = signal(1);
export const reportProblem = signal<Problem | null>(null);
export const templates = signal<Template[]>([]);
export const waiting = signal<Waiting[]>([]);
export const unsigned = computed(() => waiting.value.filter((one) => !one.signed).length);

/** What waits, as it is once the last step that was taken has arrived. */
export async function listWaiting(): Promise<void> {
  await last;
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
  batch(() => {
    middle.value = "report";
    reportProblem.value = null;
    if (reportId.value !== id) report.value = null;
    reportId.value = id;
  });
  history.replaceState(null, "", `#/report/${id}`);
  void load(id);
}

export function forgetReport(): void {
  batch(() => {
    report.value = null;
    reportId.value = null;
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
    study.value = studies.value.find((one) => one.series.some((each) => each.images.some((image) => found.images.includes(image.digest)))) ?? study.value;
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

/** One step of the review after the other, so that what was typed is kept before it is signed. */
function step(method: string, where: string, body: unknown): Promise<void> {
  const id = reportId.value;
  const work = async (): Promise<void> => {
    if (!id) return;
    try {
      const told = await sendJson<Report>(method, `${path(id)}/${where}`, body);
      if (!told || reportId.value !== id) return;
      batch(() => {
        report.value = told;
        versions.value = told.version;
        reportProblem.value = null;
      });
    } catch (error) {
      reportProblem.value = problemOf(error);
    }
  };
  const next = last.then(work);
  last = next;
  return next;
}

export const chooseTemplate = (template: string): Promise<void> => step("PUT", "form", { template });
export const fillHeading = (heading: string, text: string): Promise<void> => step("PUT", `form/${heading}`, { text });
export const decide = (finding: string, decision: "accepted" | "edited" | "rejected", by: { words?: string; reason?: string } = {}): Promise<void> =>
  step("PUT", `findings/${finding}`, { decision, ...by });

export async function sign(signer: string | null): Promise<void> {
  await step("POST", "signature", signer === null ? {} : { signer });
  await listWaiting().catch(() => undefined);
}

export async function amend(reason: string): Promise<void> {
  await step("POST", "amendment", { reason });
  await listWaiting().catch(() => undefined);
}

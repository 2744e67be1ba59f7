import { batch } from "@preact/signals";
import { getJson, sendJson, useToken } from "../api";
import type { Problem, Session } from "../types";
import { collection, offline, problemOf, session, studies, threads } from "./signals";
import { forgetReport, listWaiting, openReport } from "./reports";
import { listStudies, listThreads, newThread, openThread } from "./threads";

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
  await Promise.all([listThreads(), listStudies(), listWaiting()]);
  const asked = location.hash.match(/^#\/thread\/([0-9a-f]+)$/)?.[1];
  if (asked && threads.value.some((one) => one.thread === asked)) await openThread(asked);
  const reported = location.hash.match(/^#\/report\/([^/]+)$/)?.[1];
  if (reported) openReport(decodeURIComponent(reported));
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
    forgetReport();
    threads.value = [];
    studies.value = [];
  });
  await start();
}

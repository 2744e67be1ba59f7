import { signal } from "@preact/signals";
import { getJson, type Listener, stream, upload } from "../api";
import { t } from "../i18n";
import type { Problem, Refused, Session, Study } from "../types";
import { announcement, collection, type Parcel, parcels, problemOf, session } from "./signals";
import { listStudies, openStudy } from "./threads";

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

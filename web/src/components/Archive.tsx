import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { getJson, query } from "../api";
import { t, wordsOf } from "../i18n";
import { IconButton } from "../icons";
import { archiveOpen, fetchStudy, problemOf } from "../state";
import type { PacsStudy, Problem } from "../types";
import { Modal } from "./Modal";

const day = (date: string): string => date.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");

export const Archive = (): JSX.Element => {
  const [patient, setPatient] = useState("");
  const [date, setDate] = useState("");
  const [found, setFound] = useState<PacsStudy[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const search = async (): Promise<void> => {
    setProblem(null);
    try {
      setFound(await getJson<PacsStudy[]>(`/api/pacs/studies?${query({ patient, date })}`));
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  useEffect(() => void search(), []);
  const take = (one: PacsStudy): void => {
    archiveOpen.value = false;
    void fetchStudy(one.uid, `${one.modalities.join("/")} ${day(one.date)}`);
  };
  return (
    <Modal labelledBy="archive-title" wide onClose={() => { archiveOpen.value = false; }}>
        <div class="dialog-head">
          <h2 id="archive-title">{t("archive")}</h2>
          <IconButton name="close" label={t("close")} onClick={() => { archiveOpen.value = false; }} />
        </div>
        <form class="archive-search" onSubmit={(event) => { event.preventDefault(); void search(); }}>
          <input aria-label={t("archivePatient")} placeholder={t("archivePatient")} value={patient} onInput={(event) => setPatient(event.currentTarget.value)} />
          <input aria-label={t("archiveDate")} placeholder={t("archiveDate")} value={date} onInput={(event) => setDate(event.currentTarget.value)} />
          <button type="submit" class="button">{t("archiveSearch")}</button>
        </form>
        {problem && <p class="form-problem" role="alert">{wordsOf(problem).title}: {wordsOf(problem).detail}</p>}
        <ul class="archive-list">
          {found?.map((one) => (
            <li key={one.uid}>
              <button type="button" class="passage" onClick={() => take(one)}>
                <span class="key">{one.modalities.join("/") || "–"}</span>
                <span class="passage-title">{one.patient_name.replace(/\^/g, " ").trim() || one.patient_id}</span>
                <span class="passage-note">{[day(one.date), one.patient_id, one.description, one.instances].filter(Boolean).join(" · ")}</span>
              </button>
            </li>
          ))}
        </ul>
        {found?.length === 0 && <p class="muted">{t("archiveNone")}</p>}
        <p class="muted">{t("archiveNote")}</p>
    </Modal>
  );
};

import type { JSX } from "preact";
import { lang, t } from "../i18n";
import { Icon, IconButton } from "../icons";
import { archiveOpen, collapsed, newThread, openStudy, openThread, removeStudy, removeThread, session, studies, study, thread, threads } from "../state";
import { pictureOf, sentAt, studyName } from "./Whose";

const when = (iso: string): string => {
  const date = new Date(iso);
  const today = new Date().toDateString() === date.toDateString();
  const locale = lang.value === "zh" ? "zh-CN" : "en-GB";
  return today
    ? date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString(locale, { month: "short", day: "numeric" });
};

export const Sidebar = (): JSX.Element => {
  // A question that was stopped leaves a thread without a turn.
  const asked = threads.value.filter((one) => one.turns > 0 || one.thread === thread.value);
  return (
  <nav class="sidebar" aria-label={t("threads")} hidden={collapsed.value}>
    <button type="button" class="button new-thread" onClick={() => newThread()}><Icon name="plus" size={16} />{t("newThread")}</button>
    <h2>{t("threads")}</h2>
    {asked.length === 0 && <p class="muted">{t("noThreads")}</p>}
    <ul class="rows">
      {asked.map((one) => (
        <li key={one.thread} class={thread.value === one.thread ? "row current" : "row"}>
          <button type="button" class="row-main" aria-current={thread.value === one.thread ? "true" : undefined}
            onClick={() => void openThread(one.thread)}>
            <span class="row-title">{one.title || t("tab_image")}</span>
            <span class="row-note">{when(one.updated_at)}</span>
          </button>
          <IconButton name="trash" label={`${t("removeThread")}: ${one.title}`} size={15} class="row-remove"
            onClick={() => void removeThread(one.thread)} />
        </li>
      ))}
    </ul>
    <h2>{t("studies")}</h2>
    {session.value?.pacs && (
      <button type="button" class="button" onClick={() => { archiveOpen.value = true; }}><Icon name="image" size={16} />{t("archive")}</button>
    )}
    {studies.value.length === 0 && <p class="muted">{t("noStudies")}</p>}
    <ul class="rows">
      {studies.value.map((one) => (
        <li key={one.study} class={study.value?.study === one.study ? "row current" : "row"}>
          <button type="button" class="row-main row-study" onClick={() => openStudy(one)}>
            <img class="thumb" alt="" width="36" height="36" loading="lazy" src={pictureOf(one)} />
            <span class="row-title">{studyName(one)}</span>
            <code class="row-note pseudonym">{one.patient ?? t("noPseudonym")}</code>
            <span class="row-note">{sentAt(one.created_at)}</span>
          </button>
          <IconButton name="trash" label={`${t("removeStudy")}: ${[studyName(one), one.patient].filter(Boolean).join(" ")}`} size={15} class="row-remove"
            onClick={() => void removeStudy(one.study)} />
        </li>
      ))}
    </ul>
  </nav>
  );
};

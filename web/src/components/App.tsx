import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Key, t } from "../i18n";
import { listenToKeys } from "../keys";
import {
  addToLibrary, announcement, archiveOpen, collapsed, evidenceOpen, middle, type Middle, newThread, offline, pendingLibrary, session, showMiddle, showReport, start,
  take, unsigned,
} from "../state";
import { droppedFiles } from "../files";
import { Archive } from "./Archive";
import { Composer } from "./Composer";
import { Conversation } from "./Conversation";
import { EvidencePane } from "./EvidencePane";
import { Help } from "./Help";
import { Modal } from "./Modal";
import { Icon, type IconName } from "../icons";
import { lazy } from "../lazy";
import { Sidebar } from "./Sidebar";
import { SignIn } from "./SignIn";
import { TeachingPane } from "./TeachingPane";
import { TopBar } from "./TopBar";

export const App = (): JSX.Element => {
  if (offline.value) return <Offline />;
  if (session.value === null) return <div class="splash" aria-busy="true"><p>{t("loading")}</p></div>;
  return session.value.user === null ? <SignIn /> : <Workplace />;
};

const Offline = (): JSX.Element => (
  <main class="splash">
    <h1>{t("app")}</h1>
    <p>{t("offline")}</p>
    <button type="button" class="button primary" onClick={() => void start()}>{t("tryAgain")}</button>
  </main>
);

const Workplace = (): JSX.Element => {
  const [over, setOver] = useState(false);
  useEffect(() => listenToKeys(), []);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(take);
  };
  return (
    <div
      class={`workplace ${collapsed.value ? "collapsed" : ""} ${evidenceOpen.value ? "" : "evidence-closed"}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={(event) => event.relatedTarget === null && setOver(false)}
      onDrop={drop}
    >
      <a class="skip" href="#question">{t("skip")}</a>
      <TopBar />
      <Sidebar />
      <main class="middle">
        <MiddleTabs />
        {middle.value === "conversation" && <Conversation />}
        {middle.value === "report" && <ReportPane />}
        {middle.value === "queue" && <QueuePane />}
        {middle.value === "teaching" && <TeachingPane />}
        {middle.value === "conversation" && <Composer />}
      </main>
      <EvidencePane />
      <Help />
      {archiveOpen.value && <Archive />}
      {over && <div class="drop-over"><Icon name="plus" size={40} /><p>{t("dropNow")}</p></div>}
      {pendingLibrary.value.length > 0 && <LibraryQuestion />}
      <div class="visually-hidden" role="status" aria-live="polite">{announcement.value}</div>
    </div>
  );
};

const ReportPane = lazy(() => import("../report/ReportPane").then((one) => one.ReportPane));
const QueuePane = lazy(() => import("../report/QueuePane").then((one) => one.QueuePane));

const TABS: { name: Middle; icon: IconName; title: Key }[] = [
  { name: "conversation", icon: "chat", title: "conversation" },
  { name: "report", icon: "report", title: "report" },
  { name: "queue", icon: "shield", title: "queue" },
  { name: "teaching", icon: "key", title: "teaching" },
];

function switchTo(name: Middle): void {
  if (name === middle.value) return;
  // A case to learn from is no part of a conversation: going back begins a new one.
  if (name === "conversation" && middle.value === "teaching") newThread();
  else if (name === "report") showReport();
  else showMiddle(name);
}

const MiddleTabs = (): JSX.Element => (
  <div class="middle-tabs" role="tablist" aria-label={t("conversation")}>
    {TABS.map(({ name, icon, title }) => (
      <button
        type="button"
        role="tab"
        id={`middle-${name}`}
        aria-selected={middle.value === name}
        aria-controls="middle-panel"
        class="tab"
        onClick={() => switchTo(name)}
      >
        <Icon name={icon} size={16} />
        {t(title)}
        {name === "queue" && unsigned.value > 0 && <span class="count">{unsigned.value}</span>}
      </button>
    ))}
  </div>
);

const LibraryQuestion = (): JSX.Element => (
  <Modal role="alertdialog" labelledBy="library-title" onClose={() => { pendingLibrary.value = []; }}>
      <h2 id="library-title">{t("addLibrary")}</h2>
      <ul class="file-list">{pendingLibrary.value.slice(0, 8).map((file) => <li key={file.name}>{file.name}</li>)}</ul>
      <p>{t("libraryConfirm")}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => { pendingLibrary.value = []; }}>{t("cancel")}</button>
        <button type="button" class="button primary" data-first onClick={() => void addToLibrary()}>{t("add")}</button>
      </div>
  </Modal>
);

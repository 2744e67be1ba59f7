import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { sentAt, Whose } from "../components/Whose";
import { t } from "../i18n";
import { listWaiting, openReport, waiting } from "../state";
import type { Waiting } from "../types";
import { Held } from "./Held";

/** Drafts that wait for a decision and a signature, the newest first; below them what was signed. */
export const QueuePane = (): JSX.Element => {
  useEffect(() => void listWaiting().catch(() => undefined), []);
  const open = waiting.value.filter((one) => !one.signed);
  const signed = waiting.value.filter((one) => one.signed);
  return (
    <div class="conversation queue" id="middle-panel" role="tabpanel" aria-labelledby="middle-queue" tabIndex={0}>
      <h2>{t("queueTitle")}</h2>
      {open.length === 0 && <p class="muted">{t("queueNone")}</p>}
      <ul class="queue-list">{open.map((one) => <Row key={one.report_id} one={one} />)}</ul>
      <Held />
      {signed.length > 0 && <h3>{t("queueSigned")}</h3>}
      <ul class="queue-list">{signed.map((one) => <Row key={one.report_id} one={one} />)}</ul>
    </div>
  );
};

const Row = ({ one }: { one: Waiting }): JSX.Element => (
  <li>
    <button type="button" class="example queue-row" onClick={() => openReport(one.report_id)}>
      <Whose patient={one.patient} images={one.images} />
      <span class={`badge status ${one.signed ? "signed" : ""}`}>{t(one.signed ? `status_${one.status}` : "status_draft")}{one.version > 1 ? ` · ${one.version}` : ""}</span>
      <b class="queue-title">{one.title ?? t(one.task === "diagnosis" ? "diagnosis" : "caption")}</b>
      <span class="muted queue-first">{one.first}</span>
      <span class="muted">{stateOf(one)}</span>
      <span class="muted">{t("draftedAt")} {sentAt(one.created_at)}</span>
    </button>
  </li>
);

function stateOf(one: Waiting): string {
  if (one.signed) return "";
  const left = [one.pending ? `${one.pending} ${t("toDecide")}` : "", one.missing ? `${one.missing} ${t("toFill")}` : ""].filter(Boolean);
  return left.length ? left.join(" · ") : t("readyToSign");
}

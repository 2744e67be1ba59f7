import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Differential } from "../components/Differential";
import { Whose } from "../components/Whose";
import { t, wordsOf } from "../i18n";
import { Icon } from "../icons";
import { chooseTemplate, decide, report, reportId, reportProblem, reportTurn, saveWords, templates, typeWords, unsaved, versions } from "../state";
import type { Finding, FormField, Report } from "../types";
import { FindingLine } from "./FindingLine";
import { History, Signing } from "./Signing";

export const ReportPane = (): JSX.Element => {
  const one = report.value;
  return (
    <div class="conversation report" id="middle-panel" role="tabpanel" aria-labelledby="middle-report" tabIndex={0}>
      {reportProblem.value && (
        <p class="problem" role="alert">{wordsOf(reportProblem.value).title}: {wordsOf(reportProblem.value).detail}</p>
      )}
      {one ? <Sheet one={one} /> : !reportProblem.value && <p class="empty">{reportId.value ? t("loading") : t("noReportYet")}</p>}
    </div>
  );
};

const Sheet = ({ one }: { one: Report }): JSX.Element => {
  const placed = new Set(one.form?.fields.flatMap((field) => field.findings));
  const open = !one.signed && one.version === versions.value;
  const others = one.findings.filter((finding) => !placed.has(finding.id));
  return (
    <article class={`report-sheet ${one.signed ? "" : "unsigned"}`} data-watermark={t("watermark")} lang={one.language === "zh" ? "zh-CN" : "en"}>
      <Head one={one} open={open} />
      {one.safety.red_flags.map((advice) => (
        <div key={advice} class="red-flag"><Icon name="alert" /><div><b>{t("redFlag")}</b><p>{advice}</p></div></div>
      ))}
      {!one.signed && <p class="notice"><span class="badge">{t("draft")}</span>{one.safety.notice}</p>}
      {open && <Aside one={one} />}
      {one.form?.fields.map((field) => (
        <Heading key={`${one.report_id}/${one.version}/${one.form?.template}/${field.id}`} one={one} field={field} open={open} />
      ))}
      {others.length > 0 && (
        <section class="heading">
          <h3>{t("otherStatements")}</h3>
          <Findings one={one} findings={others} open={open} />
        </section>
      )}
      {one.differential && reportTurn.value && <Differential turn={reportTurn.value} />}
      <Signing one={one} open={open} />
      <History one={one} />
    </article>
  );
};

const Head = ({ one, open }: { one: Report; open: boolean }): JSX.Element => (
  <header class="report-head">
    <Whose patient={one.patient} images={one.images} />
    <h2>{one.form?.title ?? t("report")}</h2>
    <span class={`badge status ${one.signed ? "signed" : ""}`}>{t(one.signed ? `status_${one.status}` : "status_draft")}</span>
    <span class="muted">{t("version")} {one.version}</span>
    {open && (
      <label class="template-choice">
        <span class="muted">{t("template")}</span>
        <select value={one.form?.template} onChange={(event) => void chooseTemplate(event.currentTarget.value)}>
          {templates.value.map((each) => <option key={each.template} value={each.template}>{each[one.language]}</option>)}
        </select>
      </label>
    )}
    {one.signatures.length > 0 && !one.signed && <p class="caution">{t("amendmentOpen")}</p>}
    {!one.intact && <p class="problem" role="alert">{t("altered")}</p>}
    {one.amendment && <p class="muted">{t("amendedBecause")}: {one.amendment}</p>}
  </header>
);

/** All that is said of other patients, set aside at once. */
const Aside = ({ one }: { one: Report }): JSX.Element | null => {
  const others = one.findings.filter((finding) => finding.about.startsWith("case:") && finding.decision === "pending");
  if (!others.length) return null;
  return (
    <button type="button" class="button set-aside" onClick={() => others.forEach((finding) => void decide(finding.id, "rejected", { reason: t("otherPatient") }))}>
      {t("setAside")} ({others.length})
    </button>
  );
};

const Findings = (props: { one: Report; findings: Finding[]; open: boolean; onUse?: (words: string) => void }): JSX.Element => (
  <ul class="finding-list" aria-label={t("drafted_statements")}>
    {props.findings.map((finding) => (
      <FindingLine key={`${props.one.version}/${finding.id}`} finding={finding} index={props.one.findings.indexOf(finding)} open={props.open} onUse={props.onUse} />
    ))}
  </ul>
);

/** A heading with the reviewer's own words, kept as they are typed, and the drafted statements that belong there. */
const Heading = ({ one, field, open }: { one: Report; field: FormField; open: boolean }): JSX.Element => {
  // While somebody types, their words are not replaced by the tidied ones that were kept.
  const [typing, setTyping] = useState<string | null>(null);
  const waiting = unsaved.value.get(field.id);
  const kept = field.text ?? "";
  const text = open ? typing ?? waiting?.words ?? kept : kept;
  const type = (words: string): void => {
    setTyping(words);
    typeWords(field.id, words);
  };
  const use = (words: string): void => {
    typeWords(field.id, text.trim() ? `${text.trimEnd()}\n${words}` : words);
    void saveWords();
  };
  const leave = (): void => {
    setTyping(null);
    if (waiting) void saveWords();
  };
  const findings = one.findings.filter((finding) => field.findings.includes(finding.id));
  const missing = open && one.missing.includes(field.id) && !text.trim();
  const id = `heading-${field.id}`;
  if (!open && !text && !findings.length) return <></>;
  return (
    <section class={`heading ${missing ? "missing" : ""}`}>
      <h3 id={id}>{field.title}{open && field.required && <span class="required"> · {t("requiredHeading")}</span>}</h3>
      {open ? (
        <textarea aria-labelledby={id} aria-required={field.required} rows={Math.min(8, Math.max(1, text.split("\n").length))} value={text} maxLength={8000}
          placeholder={t("ownWords")} onInput={(event) => type(event.currentTarget.value)} onBlur={leave} />
      ) : text && <p class="own-words">{text}</p>}
      {open && waiting?.problem && (
        <p class="problem not-saved" role="alert">
          <span>{t("notSaved")}: {wordsOf(waiting.problem).detail}</span>
          <button type="button" class="button" onClick={() => void saveWords()}>{t("save")}</button>
        </p>
      )}
      {findings.length > 0 && <Findings one={one} findings={findings} open={open} onUse={use} />}
    </section>
  );
};

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { query } from "../api";
import { lang, t } from "../i18n";
import { Icon } from "../icons";
import { citation, comparing, labelAsked, openCase, study, tab, turnShown } from "../state";
import type { Case, Evidence } from "../types";

type CaseItem = Evidence & { source: Case };

const isCase = (one: Evidence): one is CaseItem => one.source.kind === "case";

export const casePicture = (item: CaseItem, index = 0): string =>
  `/api/case/picture?${query({ id: item.source.case_id, collection: item.retrieval.collection, index })}`;

export const CasesPane = (): JSX.Element => {
  const cases = (turnShown.value?.evidence ?? []).filter(isCase);
  const open = cases.find((one) => one.key === openCase.value);
  if (!cases.length) return <p class="empty">{t("noCases")}</p>;
  return open ? <CaseView item={open} others={cases.filter((one) => one !== open)} /> : <Gallery cases={cases} />;
};

const kindsOf = (cases: CaseItem[], field: "modality" | "body_part"): string[] =>
  [...new Set(cases.flatMap((one) => (one.source[field] ? [one.source[field] as string] : [])))].sort();

const Gallery = ({ cases }: { cases: CaseItem[] }): JSX.Element => {
  const [modality, setModality] = useState("");
  const [part, setPart] = useState("");
  const kept = cases.filter(
    (one) => (!modality || one.source.modality === modality) && (!part || one.source.body_part === part),
  );
  return (
    <div class="cases">
      <div class="case-filters">
        <Choice label={t("filterModality")} value={modality} options={kindsOf(cases, "modality")} onChange={setModality} />
        <Choice label={t("filterBodyPart")} value={part} options={kindsOf(cases, "body_part")} onChange={setPart} />
        <span class="muted">{t("ownExcluded")}</span>
      </div>
      <Counts cases={kept} />
      <ul class="gallery">
        {kept.map((item) => (
          <li key={item.key}>
            <button type="button" class="case-card" onClick={() => { openCase.value = item.key; }}>
              {item.source.images.length > 0
                ? <img alt="" loading="lazy" src={casePicture(item)} />
                : <span class="no-picture"><Icon name="image" size={30} /></span>}
              <span class="case-key">{item.key}</span>
              <b>{item.source.diagnosis ?? t("noDiagnosis")}</b>
              <small>{[item.source.modality, item.source.body_part, item.source.view].filter(Boolean).join(" · ")}</small>
              <small>{t("similarity")} {item.retrieval.score.toFixed(2)}</small>
              <SharedLine source={item.source} others={cases.filter((one) => one !== item)} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
};

const Choice = (props: { label: string; value: string; options: string[]; onChange: (value: string) => void }): JSX.Element => (
  <label>
    <span>{props.label}</span>
    <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
      <option value="">{t("all")}</option>
      {props.options.map((one) => <option key={one} value={one}>{one}</option>)}
    </select>
  </label>
);

const Counts = ({ cases }: { cases: CaseItem[] }): JSX.Element => {
  const counted = new Map<string, number>();
  for (const one of cases) {
    const name = conditionOf(one);
    counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  return (
    <ul class="counts" aria-label={t("similarCases")}>
      {[...counted].sort((a, b) => b[1] - a[1]).map(([name, count]) => (
        <li key={name}><span>{name}</span><b>{count}/{cases.length}</b></li>
      ))}
    </ul>
  );
};

/** The condition that a case votes for, in the reader's language, so that two spellings of it are counted together. */
function conditionOf(item: CaseItem): string {
  const voted = turnShown.value?.differential.find((one) => one.for.includes(item.key));
  return voted?.condition.display[lang.value] ?? item.source.diagnosis ?? t("noDiagnosis");
}

const SharedLine = ({ source, others }: { source: Case; others: CaseItem[] }): JSX.Element | null => {
  const shared = sharedFindings(source, others);
  return shared.length ? <small class="shared">{t("sharedFindings")}: {shared.join(", ")}</small> : null;
};

const CaseView = ({ item, others }: { item: CaseItem; others: CaseItem[] }): JSX.Element => {
  const source = item.source;
  const shared = sharedFindings(source, others);
  const compare = (): void => {
    comparing.value = item.key;
    tab.value = "image";
  };
  const where = (): void => {
    labelAsked.value = { label: `${t("whySimilar")}: ${item.key}`, cases: [source.case_id], collection: item.retrieval.collection };
    comparing.value = null;
    tab.value = "image";
  };
  return (
    <article class="case-view">
      <div class="case-tools">
        <button type="button" class="text-button" onClick={() => { openCase.value = null; }}><Icon name="left" size={15} />{t("back")}</button>
        {study.value && source.images.length > 0 && (
          <span class="case-actions">
            <button type="button" class="button" onClick={where}><Icon name="grid" size={15} />{t("whySimilar")}</button>
            <button type="button" class="button" onClick={compare}><Icon name="compare" size={15} />{t("compare")}</button>
          </span>
        )}
      </div>
      {source.images.map((_, index) => (
        <img key={index} class="case-image" alt={`${t("about_case")} ${source.case_id}`} src={casePicture(item, index)} />
      ))}
      <h3><span class="key cited">{item.key}</span><span lang={source.language === "zh" ? "zh-CN" : "en"}>{source.diagnosis ? <Quoted item={item} field="diagnosis" text={source.diagnosis} /> : t("noDiagnosis")}</span></h3>
      <p class="passage-note">{[source.case_id, source.modality, source.body_part, source.view, source.licence].filter(Boolean).join(" · ")}</p>
      {source.labels.length > 0 && (
        <ul class="labels">{source.labels.map((text, index) => <li key={index}><Quoted item={item} field={`labels.${index}`} text={text} /></li>)}</ul>
      )}
      {shared.length > 0 && <p class="shared"><b>{t("sharedFindings")}:</b> {shared.join(", ")}</p>}
      {source.findings.length > 0 && (
        <section>
          <h4>{t("findings")}</h4>
          <ul class="findings" lang={source.language}>
            {source.findings.map((text, index) => <li key={index}><Quoted item={item} field={`findings.${index}`} text={text} /></li>)}
          </ul>
        </section>
      )}
      <section>
        <h4>{t("report")}</h4>
        <p class="report-text" lang={source.language === "zh" ? "zh-CN" : "en"}>
          {source.report ? <Quoted item={item} field="report" text={source.report} /> : t("noReport")}
        </p>
      </section>
    </article>
  );
};

/** A field with the cited words marked. */
const Quoted = ({ item, field, text }: { item: CaseItem; field: string; text: string }): JSX.Element => {
  const cited = citation.value?.citation;
  const place = cited?.place;
  if (cited?.evidence !== item.key || place?.type !== "case_location" || place.field !== field) return <>{text}</>;
  const points = [...text];
  return (
    <>
      {points.slice(0, place.start).join("")}
      <mark>{points.slice(place.start, place.end).join("")}</mark>
      {points.slice(place.end).join("")}
    </>
  );
};

function sharedFindings(source: Case, others: CaseItem[]): string[] {
  const elsewhere = new Set(others.flatMap((one) => one.source.findings.map((text) => text.trim().toLowerCase())));
  return source.findings.filter((text) => elsewhere.has(text.trim().toLowerCase()));
}

import type { JSX } from "preact";
import { t } from "../i18n";
import { comparing, evidenceOpen, labelAsked, openCase, selected, type Shown, study, tab } from "../state";

export const Differential = ({ turn }: { turn: Shown }): JSX.Element => {
  const language = turn.outcome?.language ?? "en";
  return (
    <section class="differential" aria-label={t("differential")}>
      <h3>{t("differential")}</h3>
      <ol>
        {turn.differential.map((item) => (
          <li key={item.condition.code} class={item.in_conformal_set ? "in-set" : ""}>
            <div class="condition">
              <b>{item.condition.display[language]}</b>
              {item.in_conformal_set && <span class="badge">{t("conformal")}</span>}
              <Where turn={turn} label={item.condition.display[language]} keys={item.for} />
              <span class="share">{Math.round(item.probability * 100)}%</span>
            </div>
            <meter min={0} max={1} value={item.probability} aria-label={item.condition.display[language]} />
            <div class="sides">
              <Side turn={turn} label={t("supporting")} keys={item.for} kind="for" />
              <Side turn={turn} label={t("against")} keys={item.against} kind="against" />
            </div>
          </li>
        ))}
      </ol>
      <p class="muted">{t("differentialNote")}</p>
    </section>
  );
};

/** Shows which parts of the image make it like the cases that vote for a condition. */
const Where = ({ turn, label, keys }: { turn: Shown; label: string; keys: string[] }): JSX.Element | null => {
  const voted = turn.evidence.filter((item) => keys.includes(item.key) && item.source.kind === "case" && item.source.images.length > 0);
  if (!voted.length || !study.value) return null;
  const show = (): void => {
    labelAsked.value = {
      label, collection: voted[0]?.retrieval.collection ?? "default",
      cases: voted.flatMap((item) => (item.source.kind === "case" ? [item.source.case_id] : [])).slice(0, 16),
    };
    comparing.value = null;
    tab.value = "image";
    evidenceOpen.value = true;
  };
  return <button type="button" class="text-button where" aria-label={`${t("whereFor")}: ${label}`} onClick={show}>{t("whereFor")}</button>;
};

const Side = (props: { turn: Shown; label: string; keys: string[]; kind: string }): JSX.Element | null => {
  if (!props.keys.length) return null;
  const show = (key: string): void => {
    selected.value = { turn: props.turn.id, claim: -1, citation: -1 };
    openCase.value = key;
    tab.value = "cases";
    evidenceOpen.value = true;
  };
  return (
    <span class={`side ${props.kind}`}>
      {props.label}
      {props.keys.map((key) => (
        <button key={key} type="button" class="chip plain" aria-label={`${key.slice(1)}, ${props.label} ${key}`} onClick={() => show(key)}>{key.slice(1)}</button>
      ))}
    </span>
  );
};

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { lang, t, word, wordsOf } from "../i18n";
import { Icon } from "../icons";
import { openReport, send, session, shown, studies, type Shown } from "../state";
import type { Abstention, Answer } from "../types";
import { AnswerCard } from "./AnswerCard";
import { Differential } from "./Differential";
import { pictureOf } from "./Whose";
import { TurnTools } from "./TurnTools";

export const Conversation = (): JSX.Element => {
  const end = useRef<HTMLDivElement>(null);
  const last = shown.value.at(-1);
  useEffect(() => {
    if (last?.live) end.current?.scrollIntoView({ block: "end" });
  }, [shown.value.length, last?.claims.length, last?.steps.length]);
  return (
    <div class="conversation" id="middle-panel" role="tabpanel" aria-labelledby="middle-conversation" tabIndex={0}>
      {shown.value.length === 0 ? <Welcome /> : shown.value.map((turn) => <TurnView key={turn.id} turn={turn} />)}
      <div ref={end} />
    </div>
  );
};

const Welcome = (): JSX.Element => (
  <div class="welcome">
    <h2>{t("welcome")}</h2>
    <p>{t("welcomeText")}</p>
    {session.value && session.value.collections.length === 0 && <p class="caution">{t("noCollection")}</p>}
    <h3>{t("examples")}</h3>
    <div class="examples">
      {(["example1", "example2", "example3"] as const).map((key) => (
        <button key={key} type="button" class="example" onClick={() => void send(t(key))}>{t(key)}</button>
      ))}
    </div>
    <p class="drop-hint"><Icon name="image" size={18} />{t("drop")}</p>
  </div>
);

const TurnView = ({ turn }: { turn: Shown }): JSX.Element => {
  const asked = studies.value.find((one) => one.study === turn.asking.study);
  const language = turn.outcome?.language ?? lang.value;
  const review = turn.outcome?.kind === "answer" ? (turn.outcome as Answer).review : null;
  return (
    <article class="turn">
      <div class="question">
        {asked && <img alt="" class="question-image" width="72" height="72" src={pictureOf(asked)} />}
        <p>{turn.asking.text || t("caption")}</p>
      </div>
      <div class="reply" lang={language === "zh" ? "zh-CN" : "en"} aria-busy={turn.live}>
        {turn.safety?.red_flags.map((advice) => (
          <div key={advice} class="red-flag" role="alert"><Icon name="alert" /><div><b>{t("redFlag")}</b><p>{advice}</p></div></div>
        ))}
        {turn.safety && <p class="notice"><span class="badge">{t("draft")}</span>{turn.safety.notice}</p>}
        <Degraded turn={turn} />
        <Steps turn={turn} />
        {turn.claims.length > 0 && <AnswerCard turn={turn} />}
        {turn.differential.length > 0 && <Differential turn={turn} />}
        {review && (
          <button type="button" class="button open-report" onClick={() => openReport(review.report_id)}><Icon name="report" size={16} />{t("openReport")}</button>
        )}
        {turn.outcome?.kind === "abstention" && <Abstained outcome={turn.outcome} />}
        {turn.problem && (
          <div class="problem" role="alert">
            <b>{wordsOf(turn.problem).title}</b>
            <p>{wordsOf(turn.problem).detail} · {turn.problem.code}</p>
            <p class="muted">{wordsOf(turn.problem).hint}</p>
          </div>
        )}
        {turn.stopped && <p class="muted">{t("stopped")}</p>}
        {!turn.live && <TurnTools turn={turn} />}
      </div>
    </article>
  );
};

const Degraded = ({ turn }: { turn: Shown }): JSX.Element | null => {
  const parts = turn.outcome?.degraded ?? [];
  if (!parts.length) return null;
  return <p class="degraded"><Icon name="alert" size={16} />{t("degraded")} {parts.map((one) => word("degraded", one)).join("; ")}</p>;
};

const Steps = ({ turn }: { turn: Shown }): JSX.Element | null => {
  if (!turn.live) return null;
  const step = [...turn.steps].reverse().find((one) => one.state === "started");
  return <p class="steps" role="status"><span class="spinner" />{word("steps", step?.name ?? "intake")}…</p>;
};

const Abstained = ({ outcome }: { outcome: Abstention }): JSX.Element => outcome.reason === "ASKED_BACK" ? (
  <div class="abstention" role="status"><h3>{t("askedBack")}</h3><p>{outcome.message}</p></div>
) : (
  <div class="abstention">
    <h3>{t("abstained")}</h3>
    <p>{outcome.message}</p>
    {outcome.searched.length > 0 && (
      <details open>
        <summary>{t("searched")}</summary>
        <ul>{outcome.searched.map((one) => <li key={one}>{one}</li>)}</ul>
      </details>
    )}
    <p class="code">{outcome.reason}</p>
  </div>
);

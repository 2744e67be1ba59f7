import type { JSX } from "preact";
import { t, word } from "../i18n";
import { session, turnShown } from "../state";
import type { Step } from "../types";

export const TracePane = (): JSX.Element => {
  const turn = turnShown.value;
  const done = turn?.steps.filter((one) => one.state === "done") ?? [];
  if (!turn || !done.length) return <p class="empty">{t("noTrace")}</p>;
  return (
    <div class="trace">
      <dl class="trace-facts">
        {turn.outcome && <><dt>{t("traceId")}</dt><dd><code>{turn.outcome.trace_id}</code></dd></>}
        {turn.outcome && <><dt>{t("task")}</dt><dd>{t(turn.outcome.task as "caption")}</dd></>}
        <dt>{t("writer")}</dt><dd>{session.value?.writer}</dd>
      </dl>
      <ol class="timeline">
        {done.map((step, index) => <StepRow key={index} step={step} before={done[index - 1]?.seconds ?? 0} />)}
      </ol>
    </div>
  );
};

const StepRow = ({ step, before }: { step: Step; before: number }): JSX.Element => (
  <li>
    <div class="step-head">
      <b>{word("did", step.name)}</b>
      <span class="muted">{((step.seconds ?? 0) - before).toFixed(2)} {t("seconds")}</span>
    </div>
    {step.requests?.map((one, index) => (
      <p key={index} class="search"><code>{one.tool}</code> {one.query}</p>
    ))}
    <p class="muted">
      {[
        step.found !== undefined && `${t("found")}: ${step.found}`,
        step.drafted !== undefined && `${t("drafted")}: ${step.drafted}`,
        step.kept !== undefined && `${t("kept")}: ${step.kept}`,
      ].filter(Boolean).join(" · ")}
    </p>
    {step.refused && step.refused.length > 0 && (
      <details open>
        <summary>{t("refusedClaims")} ({step.refused.length})</summary>
        <ul class="refused-claims">{step.refused.map((one, index) => <li key={index}>{one}</li>)}</ul>
      </details>
    )}
  </li>
);

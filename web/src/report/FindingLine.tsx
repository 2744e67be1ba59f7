import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Chip, subject } from "../components/AnswerCard";
import { t } from "../i18n";
import { Icon } from "../icons";
import { decide, reportTurn } from "../state";
import type { Finding } from "../types";

interface Props { finding: Finding; index: number; open: boolean; onUse?: ((words: string) => void) | undefined }

/** A drafted statement with its chips, and what the reviewer decides about it. */
export const FindingLine = ({ finding, index, open, onUse }: Props): JSX.Element => {
  const [writing, setWriting] = useState<"edited" | "rejected" | null>(null);
  const of = subject(finding.about);
  const turn = reportTurn.value;
  const claim = turn?.claims[index];
  const quote = finding.citations.find((one) => one.quote)?.quote;
  return (
    <li class={`finding ${finding.decision}`}>
      <span class="subject"><Icon name={of.icon} size={13} />{of.text} · <span class="decision">{t(`decision_${finding.decision}`)}</span></span>
      <p>
        <span class="finding-text">{finding.edited ?? finding.text}</span>
        {finding.certainty !== "present" && <span class="certainty">{t(`certainty_${finding.certainty}`)}</span>}
        {turn && claim && finding.citations.map((citation, at) => (
          <Chip key={at} turn={turn} claim={claim} citation={citation} index={index} at={at} />
        ))}
      </p>
      {finding.edited && <p class="why">{t("draftedAs")}: {finding.text}</p>}
      {finding.reason && <p class="why">{t("reason_given")}: {finding.reason}</p>}
      {open && (
        <div class="finding-tools" role="group" aria-label={finding.id}>
          <Decision name="accepted" label={t("accept")} finding={finding} onClick={() => { setWriting(null); void decide(finding.id, "accepted"); }} />
          <Decision name="edited" label={t("editFinding")} finding={finding} onClick={() => setWriting(writing === "edited" ? null : "edited")} />
          <Decision name="rejected" label={t("reject")} finding={finding} onClick={() => setWriting(writing === "rejected" ? null : "rejected")} />
          {onUse && quote && finding.about !== "query_image" && (
            <button type="button" class="text-button" onClick={() => onUse(quote)}><Icon name="copy" size={14} />{t("useWords")}</button>
          )}
        </div>
      )}
      {open && writing && <Words finding={finding} kind={writing} onDone={() => setWriting(null)} />}
    </li>
  );
};

const Decision = (props: { name: Finding["decision"]; label: string; finding: Finding; onClick: () => void }): JSX.Element => (
  <button type="button" class={`button decision-button ${props.name}`} aria-pressed={props.finding.decision === props.name}
    aria-label={`${props.label} ${props.finding.id}`} onClick={props.onClick}>
    {props.label}
  </button>
);

const Words = ({ finding, kind, onDone }: { finding: Finding; kind: "edited" | "rejected"; onDone: () => void }): JSX.Element => {
  const [text, setText] = useState(kind === "edited" ? finding.edited ?? finding.text : finding.reason ?? "");
  const label = kind === "edited" ? t("newWords") : t("rejectReason");
  const submit = (event: Event): void => {
    event.preventDefault();
    onDone();
    void decide(finding.id, kind, kind === "edited" ? { words: text } : { reason: text });
  };
  return (
    <form class="finding-words" onSubmit={submit}>
      <textarea aria-label={`${label} ${finding.id}`} placeholder={label} required rows={2} maxLength={kind === "edited" ? 4000 : 2000} value={text}
        onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" class="button primary" disabled={!text.trim()}>{t("save")}</button>
      <button type="button" class="button" onClick={onDone}>{t("cancel")}</button>
    </form>
  );
};

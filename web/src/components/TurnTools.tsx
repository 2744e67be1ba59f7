import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { IconButton } from "../icons";
import { judge, recall, send, type Shown } from "../state";
import type { Evidence } from "../types";

export const TurnTools = ({ turn }: { turn: Shown }): JSX.Element => {
  const [copied, setCopied] = useState(false);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(asText(turn));
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const verdict = turn.feedback?.verdict;
  return (
    <div class="turn-tools">
      {turn.outcome && <IconButton name="copy" size={16} label={copied ? t("copied") : t("copy")} onClick={() => void copy()} />}
      <IconButton name="retry" size={16} label={t("retry")} onClick={() => void send(turn.asking.text, turn.asking)} />
      <IconButton name="edit" size={16} label={t("edit")} onClick={() => recall(turn.asking)} />
      {turn.number !== null && turn.outcome && (
        <>
          <IconButton name="up" size={16} label={t("helpful")} pressed={verdict === "up"}
            onClick={() => void judge(turn, { verdict: "up", reason: "" })} />
          <IconButton name="down" size={16} label={t("notHelpful")} pressed={verdict === "down"} onClick={() => setAsking(!asking)} />
        </>
      )}
      {copied && <span class="muted" role="status">{t("copied")}</span>}
      {verdict && !asking && <span class="muted" role="status">{t("thanks")}</span>}
      {turn.seconds > 0 && <span class="muted took">{turn.seconds.toFixed(1)} {t("seconds")}</span>}
      {asking && (
        <form class="reason" onSubmit={(event) => { event.preventDefault(); setAsking(false); void judge(turn, { verdict: "down", reason }); }}>
          <input aria-label={t("reason")} placeholder={t("reason")} value={reason} maxLength={2000} onInput={(event) => setReason(event.currentTarget.value)} />
          <button type="submit" class="button">{t("send")}</button>
        </form>
      )}
    </div>
  );
};

const titleOf = (item: Evidence): string => {
  const source = item.source;
  if (source.kind === "passage") {
    const where = source.doi ? ` doi:${source.doi}` : source.pmid ? ` PMID ${source.pmid}` : "";
    return `${source.title || source.document_id}${source.page ? `, p. ${source.page}` : ""}${where}`;
  }
  return source.kind === "case" ? `case ${source.case_id}` : source.kind === "region" ? source.observation.value : source.term_id;
};

/** The answer as text: safety first, each statement with its keys, then what the keys stand for. */
function asText(turn: Shown): string {
  const lines = [turn.asking.text, "", ...(turn.safety?.red_flags ?? []), turn.safety?.notice ?? "", ""];
  if (turn.outcome?.kind === "abstention") lines.push(turn.outcome.message, ...turn.outcome.searched);
  for (const claim of turn.claims) {
    const mark = claim.support === "supported" ? "" : ` (${t(claim.support)})`;
    lines.push(`${claim.text} ${claim.citations.map((one) => `[${one.evidence}]`).join(" ")}${mark}`);
  }
  lines.push("");
  for (const item of turn.evidence) {
    const quotes = turn.claims.flatMap((claim) => claim.citations).filter((one) => one.evidence === item.key && one.quote);
    if (!quotes.length) continue;
    lines.push(`[${item.key}] ${titleOf(item)}`, ...new Set(quotes.map((one) => `    “${one.quote}”`)));
  }
  return lines.join("\n").trim();
}

import type { JSX } from "preact";
import { t } from "../i18n";
import { Icon, type IconName } from "../icons";
import { select, selected, type Shown } from "../state";
import type { Citation, Claim } from "../types";

export const AnswerCard = ({ turn }: { turn: Shown }): JSX.Element => (
  <ol class="claims">
    {turn.claims.map((claim, index) => <ClaimLine key={index} turn={turn} claim={claim} index={index} />)}
  </ol>
);

const PARTS = {
  for: "part_for", against: "part_against", next_step: "part_next_step", technique: "part_technique", impression: "part_impression",
} as const;

export const subject = (about: string): { icon: IconName; text: string } => {
  if (about.startsWith("case:")) return { icon: "grid", text: t("about_case") };
  if (about === "query_image") return { icon: "image", text: t("about_query_image") };
  if (about === "literature") return { icon: "book", text: t("about_literature") };
  return { icon: "chat", text: t("about_general") };
};

const ClaimLine = ({ turn, claim, index }: { turn: Shown; claim: Claim; index: number }): JSX.Element => {
  const of = subject(claim.about);
  const part = PARTS[claim.part as keyof typeof PARTS];
  const chosen = selected.value?.turn === turn.id && selected.value.claim === index;
  return (
    <li class={`claim ${claim.support} ${chosen ? "chosen" : ""}`}>
      <span class="subject">
        <Icon name={of.icon} size={13} />{of.text}
        {part && <b>{t(part)}</b>}
      </span>
      <p>
        <span class="claim-text">{claim.text}</span>
        {claim.certainty !== "present" && <span class="certainty">{t(`certainty_${claim.certainty}`)}</span>}
        {claim.citations.map((citation, at) => (
          <Chip key={at} turn={turn} claim={claim} citation={citation} index={index} at={at} />
        ))}
      </p>
      {claim.gloss && <p class="gloss">{claim.gloss} <span class="muted">({t("glossed")})</span></p>}
      {claim.support !== "supported" && claim.reason && <p class="why">{claim.reason}</p>}
    </li>
  );
};

export const Chip = (props: { turn: Shown; claim: Claim; citation: Citation; index: number; at: number }): JSX.Element => {
  const { turn, claim, citation, index, at } = props;
  const chosen = selected.value?.turn === turn.id && selected.value.claim === index && selected.value.citation === at;
  const place = citation.place;
  // A figure stands beside the words of its caption, under its own label.
  const figure = place.type === "image_location" && place.on_page ? place.observation.value : "";
  return (
    <button
      type="button"
      class={`chip ${claim.support}`}
      aria-pressed={chosen}
      aria-label={`${citation.evidence.slice(1)}${figure && ` ${figure}`}, ${t("citation")} ${citation.evidence}, ${t(claim.support)}`}
      title={t(claim.support)}
      onClick={() => select(turn.id, index, at)}
    >
      {citation.evidence.slice(1)}{figure && ` · ${figure}`}
    </button>
  );
};

import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getJson, query, sendJson } from "../api";
import { lang, t, wordsOf } from "../i18n";
import { Icon } from "../icons";
import { collection, newThread, problemOf, selected, send, shown, showTurn } from "../state";
import type { Answer, Lang, Problem } from "../types";
import { AnswerCard } from "./AnswerCard";

interface Choice { code: string; display: Record<Lang, string> }
interface Puzzle { case_id: string; images: number; modality: string | null; body_part: string | null; view: string | null; choices: Choice[] }
interface Told { right: boolean; diagnosis: Choice; outcome: Answer }

const puzzle = signal<Puzzle | null>(null);
const told = signal<Told | null>(null);
const guessed = signal<string | null>(null);
const problem = signal<Problem | null>(null);
const score = signal({ right: 0, all: 0 });

async function next(): Promise<void> {
  newThread("teaching");
  told.value = guessed.value = problem.value = null;
  try {
    puzzle.value = await getJson<Puzzle>(`/api/teaching/case?${query({ collection: collection.value })}`);
  } catch (error) {
    puzzle.value = null;
    problem.value = problemOf(error);
  }
}

async function guess(choice: string): Promise<void> {
  if (!puzzle.value || guessed.value) return;
  guessed.value = choice;
  const body = { case: puzzle.value.case_id, choice, collection: collection.value, language: lang.value };
  try {
    const answer = await sendJson<Told>("POST", "/api/teaching/guess", body);
    if (!answer) return;
    told.value = answer;
    score.value = { right: score.value.right + Number(answer.right), all: score.value.all + 1 };
    showTurn(answer.outcome);
  } catch (error) {
    problem.value = problemOf(error);
  }
}

export const TeachingPane = (): JSX.Element => {
  useEffect(() => {
    if (!puzzle.value || told.value) void next();
  }, [collection.value]);
  const one = puzzle.value;
  return (
    <div class="conversation teaching" id="middle-panel" role="tabpanel" aria-labelledby="middle-teaching" tabIndex={0}>
      <div class="teaching-head">
        <h2>{t("teachingTitle")}</h2>
        {score.value.all > 0 && <span class="muted">{score.value.right} / {score.value.all}</span>}
        <button type="button" class="button" onClick={() => void next()}><Icon name="right" size={16} />{t("nextCase")}</button>
      </div>
      {problem.value && <p class="problem" role="alert">{wordsOf(problem.value).title}: {wordsOf(problem.value).detail}</p>}
      {one && (
        <>
          <p class="muted">{[one.modality, one.body_part, one.view].filter(Boolean).join(" · ")}</p>
          <div class="teaching-images">
            {Array.from({ length: Math.min(one.images, 4) }, (_, index) => (
              <img key={`${one.case_id}/${index}`} alt={t("teachingImage")} src={`/api/case/picture?${query({ id: one.case_id, collection: collection.value, index })}`} />
            ))}
          </div>
          <div class="choices" role="group" aria-label={t("teachingTitle")}>
            {one.choices.map((choice) => <ChoiceButton key={choice.code} choice={choice} />)}
          </div>
        </>
      )}
      {told.value && <Solution told={told.value} />}
    </div>
  );
};

const ChoiceButton = ({ choice }: { choice: Choice }): JSX.Element => {
  const right = told.value?.diagnosis.code === choice.code;
  const wrong = told.value !== null && guessed.value === choice.code && !right;
  return (
    <button type="button" class={`example choice ${told.value && right ? "right" : ""} ${wrong ? "wrong" : ""}`} disabled={guessed.value !== null}
      onClick={() => void guess(choice.code)}>
      {choice.display[lang.value]}
    </button>
  );
};

const Solution = ({ told: answer }: { told: Told }): JSX.Element => {
  const turn = shown.value.find((one) => one.id === selected.value?.turn) ?? shown.value[0];
  const name = answer.diagnosis.display[lang.value];
  return (
    <section class="solution" aria-live="polite">
      <h3 class={answer.right ? "right" : "wrong"}>{answer.right ? t("rightGuess") : `${t("wrongGuess")} ${name}`}</h3>
      <p class="muted">{t("recordSays")}</p>
      {turn && <AnswerCard turn={turn} />}
      <button type="button" class="button primary" onClick={() => { newThread(); void send(t("readQuestion").replace("{name}", name)); }}>
        <Icon name="book" size={16} />{t("readAbout")}
      </button>
    </section>
  );
};

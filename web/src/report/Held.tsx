import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { getJson, sendJson } from "../api";
import { lang, t, wordsOf } from "../i18n";
import { problemOf, session } from "../state";
import type { HeldImage, Problem } from "../types";

/** What the privacy gate holds back, for whoever administers; nothing where nothing is held. */
export const Held = (): JSX.Element | null => {
  const [held, setHeld] = useState<HeldImage[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const allowed = session.value?.user?.permissions.includes("admin") ?? false;
  useEffect(() => {
    if (allowed) getJson<HeldImage[]>("/api/phi-holds").then(setHeld, (error: unknown) => setProblem(problemOf(error)));
  }, [allowed]);
  const decide = async (key: string, body: { decision: string; reason: string; by?: string }): Promise<void> => {
    try {
      await sendJson("POST", `/api/phi-holds/${encodeURIComponent(key)}`, body);
      setHeld(held.filter((one) => one.key !== key));
      setProblem(null);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  if (!held.length && !problem) return null;
  return (
    <section class="held-images">
      <h2>{t("heldTitle")}</h2>
      <p class="muted">{t("heldNote")}</p>
      {problem && <p class="problem" role="alert">{wordsOf(problem).title}: {wordsOf(problem).detail}</p>}
      <ul class="queue-list">{held.map((one) => <Row key={one.key} one={one} decide={decide} />)}</ul>
    </section>
  );
};

const Row = ({ one, decide }: { one: HeldImage; decide: (key: string, body: { decision: string; reason: string; by?: string }) => Promise<void> }): JSX.Element => {
  const [reason, setReason] = useState("");
  const [name, setName] = useState("");
  const named = session.value?.login ?? false;
  const ready = reason.trim() !== "" && (named || name.trim() !== "");
  const choose = (decision: string): void => void decide(one.key, { decision, reason, ...(named ? {} : { by: name }) });
  const doubtful = one.places.filter((place) => place.verdict === "hold").length;
  const told = [
    ...(one.places.length ? [`${one.places.length} ${t("heldPlaces")} ${doubtful}`] : []),
    ...(one.words.length ? [`${one.words.length} ${t("heldWords")}`] : []),
  ];
  return (
    <li class="finding held-image">
      <p><code>{one.key.slice(0, 12)}</code> · {new Date(one.held_at).toLocaleString(lang.value === "zh" ? "zh-CN" : "en-GB")} · {told.join(" · ")}</p>
      <div class="sign-form">
        {!named && <label>{t("signerName")}<input value={name} maxLength={200} onInput={(event) => setName(event.currentTarget.value)} /></label>}
        <label>{t("heldReason")}<input value={reason} maxLength={2000} onInput={(event) => setReason(event.currentTarget.value)} /></label>
        {one.maskable && <button type="button" class="button" disabled={!ready} onClick={() => choose("masked")}>{t("letMasked")}</button>}
        <button type="button" class="button" disabled={!ready} onClick={() => choose("as it is")}>{t("letAsIs")}</button>
        <button type="button" class="button" disabled={!ready} onClick={() => choose("rejected")}>{t("keepOut")}</button>
      </div>
    </li>
  );
};

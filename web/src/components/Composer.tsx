import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { lang, t, wordsOf } from "../i18n";
import { Icon, IconButton } from "../icons";
import { busy, draft, keyImage, parcels, send, stop, study, take, task, type Parcel } from "../state";
import { pictureOf, studyName } from "./Whose";

const TASKS = ["auto", "caption", "diagnosis", "literature", "consultation"] as const;

export const Composer = (): JSX.Element => {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const picked = (event: { currentTarget: HTMLInputElement }): void => {
    void take([...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = "";
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void send(draft.value);
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };
  return (
    <div class="composer">
      {parcels.value.map((one) => <ParcelLine key={one.id} parcel={one} />)}
      <form class="composer-box" onSubmit={submit}>
        {study.value && (
          <div class="attached">
            <img alt="" width="44" height="44" src={pictureOf(study.value)} />
            <span><b>{studyName(study.value)}</b><small>{keyImage.value ? t("keySliceChosen") : `${study.value.series.length} ${t("series")}`} · <code class="pseudonym">{study.value.patient ?? t("noPseudonym")}</code></small></span>
            <IconButton name="close" size={14} label={t("removeStudy")} onClick={() => { study.value = null; }} />
          </div>
        )}
        <label class="visually-hidden" for="question">{t("placeholder")}</label>
        <textarea id="question" rows={2} value={draft.value} placeholder={study.value ? t("placeholderImage") : t("placeholder")}
          maxLength={20000} onInput={(event) => { draft.value = event.currentTarget.value; }} onKeyDown={keyed} />
        <div class="composer-tools">
          <input ref={files} type="file" multiple hidden aria-label={t("attach")} onChange={picked} />
          <input ref={(one) => { folder.current = one; if (one) one.webkitdirectory = true; }} type="file" hidden aria-label={t("attachFolder")} onChange={picked} />
          <IconButton name="clip" label={t("attach")} onClick={() => files.current?.click()} />
          <IconButton name="folder" label={t("attachFolder")} onClick={() => folder.current?.click()} />
          <label class="task-choice">
            <span class="visually-hidden">{t("task")}</span>
            <select value={task.value} onChange={(event) => { task.value = event.currentTarget.value; }}>
              {TASKS.map((name) => <option key={name} value={name}>{t(name)}</option>)}
            </select>
          </label>
          <span class="spacer" />
          {busy.value ? (
            <button type="button" class="button stop" onClick={() => void stop()}><Icon name="stop" size={16} />{t("stop")}</button>
          ) : (
            <button type="submit" class="button primary" disabled={!draft.value.trim() && !study.value}>
              <Icon name="send" size={16} />{t("ask")}
            </button>
          )}
        </div>
      </form>
    </div>
  );
};

const ParcelLine = ({ parcel }: { parcel: Parcel }): JSX.Element => {
  const gone = (): void => { parcels.value = parcels.value.filter((one) => one.id !== parcel.id); };
  const title = parcel.names.length === 1 ? parcel.names[0] : `${parcel.names[0]} + ${parcel.names.length - 1}`;
  return (
    <section class={`parcel ${parcel.problem ? "failed" : ""}`} aria-label={title}>
      <div class="parcel-head">
        <Icon name={parcel.problem ? "alert" : "shield"} size={16} />
        <b>{title}</b>
        {!parcel.done && <ParcelProgress parcel={parcel} />}
        {parcel.done && <IconButton name="close" size={14} label={t("close")} onClick={gone} />}
      </div>
      {parcel.problem && <p>{wordsOf(parcel.problem).title}: {wordsOf(parcel.problem).detail}</p>}
      {parcel.gate && <GateText parcel={parcel} />}
      {parcel.added && (
        <p>{t("added")}: {parcel.added.documents} {t("documents")}, {parcel.added.passages} {t("passages")}, {parcel.added.cases}{" "}
          {t("cases")}{parcel.added.skipped ? `; ${parcel.added.skipped} ${t("skipped")}` : ""}</p>
      )}
      {parcel.refused.length > 0 && (
        <ul class="refused">
          {parcel.refused.slice(0, 5).map((one) => (
            <li key={one.file}>
              <b>{one.file}</b> {t("refused")}: {lang.value === "zh" ? one.zh.title : `${one.title}: ${one.message}`} ({one.code})
              {one.code === "PHI_REVIEW" && <span class="muted"> {t("heldWhere")}</span>}
            </li>
          ))}
          {parcel.refused.length > 5 && <li>+ {parcel.refused.length - 5}</li>}
        </ul>
      )}
    </section>
  );
};

const ParcelProgress = ({ parcel }: { parcel: Parcel }): JSX.Element => {
  const reading = parcel.sent >= 1;
  const share = reading ? (parcel.read ? parcel.read[0] / parcel.read[1] : 0) : parcel.sent;
  return (
    <span class="parcel-progress">
      <progress max={1} value={share} aria-label={reading ? t("reading") : t("uploading")} />
      {reading ? t("reading") : t("uploading")}
    </span>
  );
};

const GateText = ({ parcel }: { parcel: Parcel }): JSX.Element | null => {
  const gate = parcel.gate;
  if (!gate) return null;
  const burned = { yes: "burnedYes", no: "burnedNo", unknown: "burnedUnknown" } as const;
  return (
    <details class="gate">
      <summary>
        {t("gate")}: {gate.removed.length} {t("gateRemoved")}
        {gate.private ? `, ${gate.private} ${t("gatePrivate")}` : ""}
        {gate.redacted ? `; ${gate.redacted} ${t("gateRedacted")}` : ""}
      </summary>
      <p>{t("gateKept")}</p>
      <p class={gate.burned_in === "yes" ? "caution" : ""}>{t(burned[gate.burned_in])}</p>
      <p class="attributes">{gate.removed.join(", ")}</p>
    </details>
  );
};

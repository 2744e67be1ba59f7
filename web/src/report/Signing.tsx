import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { query } from "../api";
import { lang, t, word } from "../i18n";
import { Icon } from "../icons";
import { amend, report, session, showVersion, sign, unsaved, versions } from "../state";
import type { Report } from "../types";

const ENDINGS: Record<string, string> = { md: "md", pdf: "pdf", sr: "dcm" };

/** What still holds the signature back, the signature itself, and what can be done once it is there. */
export const Signing = ({ one, open }: { one: Report; open: boolean }): JSX.Element => (
  <section class="signing" aria-label={t("sign")}>
    {open && <Held one={one} />}
    {open && (session.value?.user?.permissions.includes("sign") ? <SignForm one={one} /> : <p class="muted">{t("mayNotSign")}</p>)}
    {one.signed && one.version === versions.value && session.value?.user?.permissions.includes("sign") && <AmendForm />}
    {one.intact && (
      <div class="exports" role="group" aria-label={t("exportAs")}>
        <span class="muted">{t("exportAs")}</span>
        {one.exports.map((form) => (
          <a key={form} class="button" download={`report-${one.report_id.slice(0, 8)}.${ENDINGS[form] ?? "json"}`}
            href={`/api/reports/${encodeURIComponent(one.report_id)}/export?${query({ form, version: one.version })}`}>{word("export", form)}</a>
        ))}
      </div>
    )}
  </section>
);

const Held = ({ one }: { one: Report }): JSX.Element | null => {
  const titles = (has: (id: string) => boolean): string =>
    (one.form?.fields ?? []).filter((field) => has(field.id)).map((field) => field.title).join(lang.value === "zh" ? "、" : ", ");
  const missing = titles((id) => one.missing.includes(id));
  const refused = titles((id) => Boolean(unsaved.value.get(id)?.problem));
  if (!one.pending.length && !missing && !refused) return null;
  return (
    <ul class="held" aria-live="polite">
      {one.pending.length > 0 && <li><Icon name="alert" size={15} />{one.pending.length} {t("leftPending")}</li>}
      {missing && <li><Icon name="alert" size={15} />{t("leftMissing")}: {missing}</li>}
      {refused && <li><Icon name="alert" size={15} />{t("notSaved")}: {refused}</li>}
    </ul>
  );
};

const SignForm = ({ one }: { one: Report }): JSX.Element => {
  const [name, setName] = useState("");
  const user = session.value?.login ? session.value.user?.name ?? null : null;
  const refused = [...unsaved.value.values()].some((each) => each.problem);
  const ready = !refused && !one.pending.length && !one.missing.length && (user !== null || name.trim() !== "");
  return (
    <form class="sign-form" onSubmit={(event) => { event.preventDefault(); void sign(user === null ? name : null); }}>
      {user === null ? (
        <label>{t("signerName")}<input id="signer" value={name} maxLength={200} autocomplete="name" onInput={(event) => setName(event.currentTarget.value)} /></label>
      ) : <span>{t("signAs")} <b>{user}</b></span>}
      <button type="submit" class="button primary" disabled={!ready}><Icon name="shield" size={16} />{t("sign")}</button>
    </form>
  );
};

const AmendForm = (): JSX.Element => {
  const [reason, setReason] = useState("");
  return (
    <form class="sign-form" onSubmit={(event) => { event.preventDefault(); void amend(reason); }}>
      <label>{t("amendReason")}<input id="amendment" value={reason} maxLength={2000} required onInput={(event) => setReason(event.currentTarget.value)} /></label>
      <button type="submit" class="button" disabled={!reason.trim()}><Icon name="edit" size={16} />{t("amend")}</button>
    </form>
  );
};

export const History = ({ one }: { one: Report }): JSX.Element | null => {
  if (!one.signatures.length) return null;
  const all = Array.from({ length: versions.value }, (_, index) => index + 1);
  return (
    <section class="history" aria-label={t("history")}>
      <h3>{t("history")}</h3>
      {all.length > 1 && (
        <div class="version-buttons">
          {all.map((number) => (
            <button key={number} type="button" class="button" aria-pressed={report.value?.version === number} onClick={() => void showVersion(number)}>
              {t("version")} {number}
            </button>
          ))}
        </div>
      )}
      <ol>
        {one.signatures.map((signature) => (
          <li key={signature.version}>
            {t("version")} {signature.version} · {t("signedBy")}: <b>{signature.signer}</b>, {new Date(signature.signed_at).toLocaleString(lang.value === "zh" ? "zh-CN" : "en-GB")}
            <span class="muted"> · SHA-256 <code>{signature.digest.slice(0, 16)}…</code></span>
          </li>
        ))}
      </ol>
    </section>
  );
};

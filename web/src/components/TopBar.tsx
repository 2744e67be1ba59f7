import type { JSX } from "preact";
import { lang, t } from "../i18n";
import { Icon, IconButton } from "../icons";
import { collapsed, collection, evidenceOpen, helpOpen, session, signOut, theme } from "../state";

export const Wordmark = (): JSX.Element => (
  <span class="wordmark"><img src="/favicon.svg" alt="" width="26" height="26" />radcite</span>
);

export const LanguageButton = (): JSX.Element => (
  <button type="button" class="text-button" lang={lang.value === "en" ? "zh-CN" : "en"} aria-label={`${t("language")} (${t("languageLabel")})`}
    onClick={() => { lang.value = lang.value === "en" ? "zh" : "en"; }}>
    {t("language")}
  </button>
);

export const ThemeButton = (): JSX.Element => (
  <IconButton name={theme.value === "dark" ? "sun" : "moon"} label={t("theme")}
    onClick={() => { theme.value = theme.value === "dark" ? "light" : "dark"; }} />
);

export const TopBar = (): JSX.Element => {
  const told = session.value;
  return (
    <header class="top-bar">
      <IconButton name="menu" label={collapsed.value ? t("expand") : t("collapse")}
        onClick={() => { collapsed.value = !collapsed.value; }} />
      <h1><Wordmark /></h1>
      <span class="tagline">{t("tagline")}</span>
      <div class="top-tools">
        <label class="collection-choice">
          <Icon name="book" size={16} />
          <span class="visually-hidden">{t("collection")}</span>
          <select value={collection.value} onChange={(event) => { collection.value = event.currentTarget.value; }}>
            {told?.collections.map((one) => (
              <option key={one.name} value={one.name}>{`${one.name} · ${one.documents} ${t("documents")}, ${one.cases} ${t("cases")}`}</option>
            ))}
            {!told?.collections.length && <option value="default">default</option>}
          </select>
        </label>
        <LanguageButton />
        <ThemeButton />
        <IconButton name="help" label={t("help")} onClick={() => { helpOpen.value = true; }} />
        <IconButton name="panel" label={t("evidence")} class="evidence-toggle" pressed={evidenceOpen.value}
          onClick={() => { evidenceOpen.value = !evidenceOpen.value; }} />
        {told?.login && told.user && (
          <button type="button" class="text-button" title={t("signOut")} onClick={() => void signOut()}>
            <Icon name="user" size={16} />{told.user.name} · {t("signOut")}
          </button>
        )}
      </div>
    </header>
  );
};

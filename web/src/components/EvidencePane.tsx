import type { JSX } from "preact";
import { lazy, Suspense } from "../lazy";
import { type Key, t } from "../i18n";
import { Icon, type IconName, IconButton } from "../icons";
import { evidenceOpen, tab, turnShown, type Tab } from "../state";
import { CasesPane } from "../evidence/CasesPane";
import { LiteraturePane } from "../evidence/LiteraturePane";
import { TracePane } from "../evidence/TracePane";

const ImagePane = lazy(() => import("../viewer/ImagePane").then((one) => one.ImagePane));

const TABS: { name: Tab; icon: IconName; title: Key }[] = [
  { name: "image", icon: "image", title: "tab_image" },
  { name: "cases", icon: "grid", title: "tab_cases" },
  { name: "literature", icon: "book", title: "tab_literature" },
  { name: "trace", icon: "path", title: "tab_trace" },
];

export const EvidencePane = (): JSX.Element | null => {
  if (!evidenceOpen.value) return null;
  const evidence = turnShown.value?.evidence ?? [];
  const counts: Partial<Record<Tab, number>> = {
    cases: evidence.filter((one) => one.source.kind === "case").length,
    literature: evidence.filter((one) => one.source.kind === "passage" || one.source.kind === "term").length,
  };
  return (
    <aside class="evidence" aria-label={t("evidence")}>
      <div class="evidence-tabs" role="tablist" aria-label={t("evidence")}>
        {TABS.map(({ name, icon, title }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab.value === name}
            aria-controls="evidence-panel"
            class="tab"
            onClick={() => { tab.value = name; }}
          >
            <Icon name={icon} size={16} />
            {t(title)}
            {counts[name] ? <span class="count">{counts[name]}</span> : null}
          </button>
        ))}
        <span class="spacer" />
        <IconButton name="close" size={16} class="evidence-close" label={t("close")} onClick={() => { evidenceOpen.value = false; }} />
      </div>
      <div class={`evidence-panel ${tab.value}`} id="evidence-panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        {tab.value === "image" && <Suspense fallback={<p class="empty">{t("loading")}</p>}><ImagePane /></Suspense>}
        {tab.value === "cases" && <CasesPane />}
        {tab.value === "literature" && <LiteraturePane />}
        {tab.value === "trace" && <TracePane />}
      </div>
    </aside>
  );
};

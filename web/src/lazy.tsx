import type { ComponentChildren, ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { t } from "./i18n";

/** A component that is fetched when it is first shown. */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<ComponentType | null>(null);
  const failed = signal(false);
  return function Lazy(): JSX.Element {
    const [, again] = useState(0);
    useEffect(() => {
      if (loaded.value) return;
      load().then((one) => { loaded.value = one; again(1); }, () => { failed.value = true; again(1); });
    }, []);
    const Loaded = loaded.value;
    if (failed.value) return <p class="empty" role="alert">{t("noCsImage")}</p>;
    return Loaded ? <Loaded /> : <p class="empty" role="status">{t("loading")}</p>;
  };
}

export const Suspense = ({ children }: { children: ComponentChildren; fallback?: JSX.Element }): JSX.Element => <>{children}</>;

import { signal } from "@preact/signals";
import { archiveOpen, helpOpen, newThread, tab, type Tab, walk } from "./state";

/** What the image viewer is told by the keyboard; it puts its own functions here while it is shown. */
export const viewerKeys = signal<{ preset: (n: number) => void; invert: () => void; reset: () => void } | null>(null);

const TABS: Tab[] = ["image", "cases", "literature", "trace"];

const writing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function listenToKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      helpOpen.value = false;
      archiveOpen.value = false;
      if (writing(event.target)) (event.target as HTMLElement).blur();
      return;
    }
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (act(event.key)) event.preventDefault();
  };
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}

function act(key: string): boolean {
  if (/^[1-9]$/.test(key)) return call(() => viewerKeys.value?.preset(Number(key)));
  switch (key) {
    case "?":
      return call(() => { helpOpen.value = !helpOpen.value; });
    case "/":
      return call(() => document.getElementById("question")?.focus());
    case "[":
      return call(() => walk(-1));
    case "]":
      return call(() => walk(1));
    case "i":
      return call(() => viewerKeys.value?.invert());
    case "r":
      return call(() => viewerKeys.value?.reset());
    case "n":
      return call(() => newThread());
    case "t":
      return call(() => {
        tab.value = TABS[(TABS.indexOf(tab.value) + 1) % TABS.length] ?? "image";
      });
    default:
      return false;
  }
}

const call = (work: () => void): true => {
  work();
  return true;
};

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

const REACHABLE = "button:not(:disabled), [href], input, select, textarea, [tabindex='0']";

/** A dialog that holds the keyboard while it is open, and gives it back where it was. */
export const Modal = (props: { labelledBy: string; role?: "dialog" | "alertdialog"; wide?: boolean; onClose: () => void; children: ComponentChildren }): JSX.Element => {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const first = box.current?.querySelector<HTMLElement>("[data-first]") ?? box.current?.querySelector<HTMLElement>(REACHABLE);
    first?.focus();
    return () => before?.focus();
  }, []);
  const keyed = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      return props.onClose();
    }
    if (event.key !== "Tab") return;
    const stops = [...(box.current?.querySelectorAll<HTMLElement>(REACHABLE) ?? [])];
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  };
  return (
    <div class="veil" onClick={(event) => event.target === event.currentTarget && props.onClose()}>
      <div ref={box} class={`dialog ${props.wide ? "wide" : ""}`} role={props.role ?? "dialog"} aria-modal="true" aria-labelledby={props.labelledBy} onKeyDown={keyed}>
        {props.children}
      </div>
    </div>
  );
};

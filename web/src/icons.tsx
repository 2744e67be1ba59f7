import type { JSX } from "preact";

const PATHS = {
  plus: "M12 5v14M5 12h14",
  menu: "M4 6h16M4 12h16M4 18h10",
  trash: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M4.2 4.2l1.5 1.5M18.3 18.3l1.5 1.5M2 12h2M20 12h2M4.2 19.8l1.5-1.5M18.3 5.7l1.5-1.5",
  moon: "M20 14.5A8 8 0 019.5 4 8 8 0 1020 14.5z",
  help: "M9.2 9.2a2.8 2.8 0 115 1.8c-1 .9-2.2 1.2-2.2 2.7M12 17.2v.1",
  send: "M5 12h13M13 6l6 6-6 6",
  stop: "M7 7h10v10H7z",
  folder: "M3 6h6l2 2h10v11H3z",
  clip: "M19 11l-7.5 7.5a4.5 4.5 0 01-6.4-6.4L13 4.3a3 3 0 014.3 4.3l-7.7 7.6a1.5 1.5 0 01-2.2-2.1l7-7",
  copy: "M9 9h10v10H9zM5 15V5h10",
  retry: "M19 12a7 7 0 11-2-5l2 2M19 4v5h-5",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  up: "M7 11v8H4v-8zM7 11l4-7c1.5 0 2.5 1 2 3l-.6 3H18c1.5 0 2 1 1.7 2.3l-1.3 5c-.3 1-1 1.7-2 1.7H7",
  down: "M17 13V5h3v8zM17 13l-4 7c-1.5 0-2.5-1-2-3l.6-3H6c-1.5 0-2-1-1.7-2.3l1.3-5c.3-1 1-1.7 2-1.7H17",
  key: "M12 3l2.6 5.6 6 .7-4.5 4.1 1.2 6L12 16.4l-5.3 3 1.2-6L3.4 9.3l6-.7z",
  close: "M6 6l12 12M18 6L6 18",
  window: "M12 4a8 8 0 100 16V4zM12 4a8 8 0 010 16",
  zoom: "M11 5a6 6 0 100 12 6 6 0 000-12zM15.5 15.5L20 20M8.5 11h5M11 8.5v5",
  pan: "M12 3v18M3 12h18M12 3l-2.5 2.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5",
  scroll: "M5 6h14M5 12h14M5 18h14M12 2v2M12 20v2",
  length: "M4 16L16 4l4 4L8 20zM9 11l2 2M12 8l2 2M15 5l2 2",
  invert: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 3v18M12 7h6M12 12h8.5M12 17h6",
  reset: "M4 9V4h5M20 15v5h-5M4 15v5h5M20 9V4h-5",
  boxes: "M4 7V4h3M17 4h3v3M20 17v3h-3M7 20H4v-3M9 9h6v6H9z",
  compare: "M4 5h7v14H4zM13 5h7v14h-7z",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  alert: "M12 4l9 16H3zM12 10v4.5M12 17.3v.1",
  shield: "M12 3l7 3v5.5c0 4.4-2.9 7.7-7 9.5-4.1-1.8-7-5.1-7-9.5V6zM8.8 12l2.3 2.3 4.2-4.6",
  book: "M5 4.5h6a2 2 0 012 2V20a2 2 0 00-2-1.5H5zM19 4.5h-4a2 2 0 00-2 2V20a2 2 0 012-1.5h4z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15 9.5v.1",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  path: "M6 5v9a4 4 0 004 4h8M6 5a1 1 0 100-.1M18 18l-3-3M18 18l-3 3",
  chat: "M5 5h14v10H11l-4 4v-4H5z",
  report: "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
  user: "M12 5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM5 20c.7-3.5 3.4-5 7-5s6.3 1.5 7 5",
  panel: "M4 5h16v14H4zM14 5v14",
};

export type IconName = keyof typeof PATHS;

export const Icon = ({ name, size = 18 }: { name: IconName; size?: number }): JSX.Element => (
  <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" />
  </svg>
);

export const IconButton = (props: {
  name: IconName;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  class?: string;
  size?: number;
  disabled?: boolean;
}): JSX.Element => (
  <button
    type="button"
    class={`icon-button ${props.class ?? ""}`}
    aria-label={props.label}
    title={props.label}
    aria-pressed={props.pressed}
    disabled={props.disabled}
    onClick={props.onClick}
  >
    <Icon name={props.name} size={props.size ?? 18} />
  </button>
);

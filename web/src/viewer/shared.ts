import { signal } from "@preact/signals";
import type { Stack } from "./engine";
import type { FrameSpec } from "./frames";

/** The stacks on screen, for tools that act on all of them. */
export const viewers = signal<Stack[]>([]);

/** The frame in view of the main stack. */
export const current = signal<FrameSpec | null>(null);

export interface Preset { name: string; center: number; width: number }

const CT: Preset[] = [
  { name: "lung", center: -600, width: 1500 },
  { name: "mediastinum", center: 40, width: 400 },
  { name: "bone", center: 480, width: 2500 },
  { name: "brain", center: 40, width: 80 },
  { name: "soft", center: 50, width: 350 },
  { name: "liver", center: 60, width: 160 },
];

/** The file's own window, all of its values, and for CT the usual ones in Hounsfield units. */
export function presetsFor(modality: string, stored: [number, number] | undefined, low: number, high: number): Preset[] {
  return [
    ...(stored ? [{ name: "file", center: stored[0], width: stored[1] }] : []),
    { name: "full", center: (low + high) / 2, width: Math.max(1, high - low) },
    ...(modality === "CT" ? CT : []),
  ];
}

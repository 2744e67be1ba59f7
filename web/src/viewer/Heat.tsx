import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { getJson, query } from "../api";
import { t } from "../i18n";
import { Icon } from "../icons";
import { comparing, labelAsked } from "../state";
import type { Look, Stack } from "./engine";
import type { FrameSpec } from "./frames";
import { current } from "./shared";

interface Map { similarity: number; drops: number[][]; encoder: string; of: string }

export const heat = signal<Map | null>(null);
const opacity = signal(0.6);
const working = signal(false);

/** Computes, on demand, which parts of the image in view make it like the case beside it. */
export const HeatButton = ({ study, caseId, collection }: { study: string; caseId: string; collection: string }): JSX.Element => {
  const digest = current.value?.image?.digest;
  useEffect(() => { heat.value = null; }, [comparing.value, digest]);
  const toggle = async (): Promise<void> => {
    if (heat.value || !digest) {
      heat.value = null;
      return;
    }
    working.value = true;
    try {
      const asked = query({ case: caseId, collection });
      heat.value = { ...(await getJson<Map>(`/api/studies/${study}/images/${digest}/occlusion?${asked}`)), of: digest };
    } finally {
      working.value = false;
    }
  };
  return (
    <button type="button" class="key-slice" aria-pressed={heat.value !== null} disabled={working.value} onClick={() => void toggle()}>
      {working.value ? <span class="spinner" /> : <Icon name="grid" size={16} />}{t("whySimilar")}
    </button>
  );
};

/** The same for a label that was asked for, as soon as an image is in view. */
export const LabelHeat = ({ study }: { study: string }): JSX.Element | null => {
  const digest = current.value?.image?.digest;
  const asked = labelAsked.value;
  useEffect(() => {
    heat.value = null;
    if (!asked || !digest) return;
    let wanted = true;
    working.value = true;
    const cases = asked.cases.map((one) => `case=${encodeURIComponent(one)}`).join("&");
    getJson<Map>(`/api/studies/${study}/images/${digest}/occlusion?${query({ collection: asked.collection })}&${cases}`)
      .then((found) => { if (wanted) heat.value = { ...found, of: digest }; }, () => { if (wanted) labelAsked.value = null; })
      .finally(() => { working.value = false; });
    return () => { wanted = false; heat.value = null; };
  }, [asked, digest]);
  if (!asked) return null;
  return (
    <button type="button" class="key-slice" aria-pressed={true} onClick={() => { labelAsked.value = null; heat.value = null; }}>
      {working.value ? <span class="spinner" /> : <Icon name="close" size={16} />}{asked.label}
    </button>
  );
};

export const HeatLegend = (): JSX.Element | null =>
  heat.value ? (
    <div class="heat-legend">
      <label>{t("opacity")}<input type="range" min={0} max={1} step={0.05} value={opacity.value}
        onInput={(event) => { opacity.value = Number(event.currentTarget.value); }} /></label>
      <span>{t("similarity")} {heat.value.similarity.toFixed(2)} · {heat.value.encoder}. {t("heatNote")}</span>
    </div>
  ) : null;

/** `look` is there to be compared: with it changes where the image lies. */
export const HeatLayer = ({ stack, spec }: { stack: Stack; spec: FrameSpec; look: Look }): JSX.Element | null => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = heat.value;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!map || !context) return;
    const most = Math.max(...map.drops.flat(), 1e-6);
    const columns = map.drops[0]?.length ?? 0;
    const data = context.createImageData(columns, map.drops.length);
    map.drops.flat().forEach((drop, i) => {
      const share = Math.max(0, drop / most);
      data.data.set([255, Math.round(200 * (1 - share)), 30, Math.round(255 * share)], 4 * i);
    });
    context.putImageData(data, 0, 0);
  }, [map]);
  if (!map || spec.image?.digest !== map.of) return null;
  const [x0, y0] = stack.onScreen(0, 0);
  const [x1, y1] = stack.onScreen(spec.image.columns, spec.image.rows);
  return (
    <canvas ref={canvas} class="heat" width={map.drops[0]?.length} height={map.drops.length}
      style={{ left: `${x0}px`, top: `${y0}px`, width: `${x1 - x0}px`, height: `${y1 - y0}px`, opacity: opacity.value }} />
  );
};

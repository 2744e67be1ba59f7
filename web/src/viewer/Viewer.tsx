import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t, word } from "../i18n";
import { viewerKeys } from "../keys";
import type { Box } from "../types";
import { chooseTool, type Look, prepare, Stack } from "./engine";
import type { FrameSpec } from "./frames";
import { HeatLayer } from "./Heat";
import { current, type Preset, presetsFor, viewers } from "./shared";

/** `goal` is the frame to go to when it is named; `boxes` gives what is framed on a frame. */
interface Props { id: string; frames: FrameSpec[]; first: number; goal: number | null; boxes: (spec: FrameSpec) => Box[]; label: string }

export const Viewer = ({ id, frames, first, goal, boxes, label }: Props): JSX.Element => {
  const element = useRef<HTMLDivElement>(null);
  const stack = useRef<Stack | null>(null);
  const [look, setLook] = useState<Look | null>(null);
  const [failed, setFailed] = useState(false);
  const spec = frames[look?.index ?? first];
  const presets = presetsFor(spec?.modality ?? "", spec?.image?.windows[0], spec?.image?.low ?? 0, spec?.image?.high ?? 255);

  useEffect(() => {
    let open = true;
    const holder = element.current;
    void prepare().then(() => {
      if (!open || !holder) return;
      const made = new Stack(holder, id, () => setLook(made.look()));
      stack.current = made;
      viewers.value = [...viewers.value, made];
      chooseTool("window");
      return made.show(frames, goal ?? first).then(() => setLook(made.look()));
    }).catch(() => setFailed(true));
    const watch = new ResizeObserver(() => {
      stack.current?.resize();
      // What is drawn over the image follows once the camera has.
      setTimeout(() => { if (stack.current) setLook(stack.current.look()); }, 80);
    });
    if (holder) watch.observe(holder);
    return () => {
      open = false;
      watch.disconnect();
      viewers.value = viewers.value.filter((one) => one !== stack.current);
      stack.current?.close();
      stack.current = null;
    };
  }, [frames]);

  useEffect(() => {
    if (goal !== null && look !== null) void stack.current?.go(goal);
  }, [goal]);

  const apply = (preset: Preset | undefined): void => {
    if (preset) stack.current?.window(preset.center, preset.width);
  };
  useEffect(() => {
    if (id !== "main") return;
    viewerKeys.value = {
      preset: (n) => apply(presets[n - 1]),
      invert: () => viewers.value.forEach((one) => one.invert()),
      reset: () => viewers.value.forEach((one) => one.reset()),
    };
    return () => { viewerKeys.value = null; };
  }, [presets.length, frames]);

  useEffect(() => {
    if (id === "main") current.value = spec ?? null;
  }, [spec?.id]);
  useEffect(() => {
    if (look === null || frames.length < 2) return;
    for (const one of viewers.value) if (one !== stack.current && one.length > 1) one.follow(look.index / (frames.length - 1));
  }, [look?.index]);
  const color = spec?.image?.kind === "rgb8";
  return (
    <figure class="viewer" data-viewer={id} data-center={look ? Math.round(look.center) : undefined} data-width={look ? Math.round(look.width) : undefined}>
      <div class="viewport-holder">
        <div ref={element} class="viewport" role="img" aria-label={label || t("viewer")} onContextMenu={(event) => event.preventDefault()} />
        {failed && <p class="empty over" role="alert">{t("noCsImage")}</p>}
        {look && stack.current && spec && boxes(spec).map((box) => <Framed key={box.join()} stack={stack.current as Stack} box={box} look={look} />)}
        {id === "main" && look && stack.current && spec && <HeatLayer stack={stack.current} spec={spec} look={look} />}
        {label && <span class="overlay top-left">{label}</span>}
        {look && !color && <span class="overlay bottom-left">C {Math.round(look.center)} · W {Math.round(look.width)}</span>}
        {frames.length > 1 && look && <span class="overlay bottom-right">{look.index + 1} / {frames.length}</span>}
      </div>
      {frames.length > 1 && (
        <input class="slice" type="range" min={0} max={frames.length - 1} value={look?.index ?? first} aria-label={t("slice")}
          onInput={(event) => void stack.current?.go(Number(event.currentTarget.value))} />
      )}
      {!color && (
        <div class="presets" aria-label={t("preset")} role="group">
          {presets.map((preset, index) => (
            <button key={preset.name} type="button" class="preset" onClick={() => apply(preset)}>
              {id === "main" && <kbd>{index + 1}</kbd>}{word("preset", preset.name)}
            </button>
          ))}
        </div>
      )}
    </figure>
  );
};

/** `look` is there to be compared: with it changes where the image lies. */
const Framed = ({ stack, box }: { stack: Stack; box: Box; look: Look }): JSX.Element => {
  const [x0, y0] = stack.onScreen(box[0], box[1]);
  const [x1, y1] = stack.onScreen(box[2], box[3]);
  return (
    <div class="region-box" style={{ left: `${Math.min(x0, x1)}px`, top: `${Math.min(y0, y1)}px`, width: `${Math.abs(x1 - x0)}px`, height: `${Math.abs(y1 - y0)}px` }} />
  );
};

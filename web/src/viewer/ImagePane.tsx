import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { casePicture } from "../evidence/CasesPane";
import { lang, t } from "../i18n";
import { Icon, IconButton, type IconName } from "../icons";
import { citation, comparing, keyImage, openCase, studies, study, turnShown } from "../state";
import type { Box, Case, Evidence, Place, Study, StudyImage, StudySeries } from "../types";
import { pictureOf } from "../components/Whose";
import { chooseTool, type ToolName } from "./engine";
import type { FrameSpec } from "./frames";
import { HeatButton, HeatLegend, LabelHeat } from "./Heat";
import { current, viewers } from "./shared";
import { Viewer } from "./Viewer";

type CaseItem = Evidence & { source: Case };

export function framesOf(one: Study, series: StudySeries): FrameSpec[] {
  return series.images
    .flatMap((image) => Array.from({ length: image.frames }, (_, frame) => ({ image, frame })))
    .map(({ image, frame }, place) => ({
      frame,
      id: `${one.study}/${image.digest}/${frame}`,
      url: `/api/studies/${one.study}/images/${image.digest}/frames/${frame}`,
      image,
      modality: series.modality,
      place,
    }));
}

const framesOfCase = (item: CaseItem): FrameSpec[] =>
  item.source.images.map((image, place) => ({
    id: `${item.source.case_id}/${place}`,
    url: casePicture(item, place),
    image: null,
    modality: image.modality ?? item.source.modality ?? "OT",
    frame: image.frame,
    place,
  }));

/** Where an image begins in its series; null where it is no part of it. */
function placeOf(series: StudySeries, digest: string): { image: StudyImage; at: number } | null {
  let at = 0;
  for (const image of series.images) {
    if (image.digest === digest) return { image, at };
    at += image.frames;
  }
  return null;
}

function keyPlace(series: StudySeries): number {
  const found = placeOf(series, series.key);
  return found ? found.at + found.image.key_frame : 0;
}

type Region = Extract<Place, { type: "image_location" }>;

/** The region of the images asked about that the chosen citation names. */
function citedRegion(): Region | null {
  const place = citation.value?.citation.place;
  return place?.type === "image_location" && !place.on_page ? place : null;
}

const isWhole = (box: Box, image: StudyImage): boolean =>
  box[0] <= 0 && box[1] <= 0 && box[2] >= image.columns && box[3] >= image.rows;

/** Which frame of a series the cited region lies on; null where it lies on none of it. */
function citedPlace(series: StudySeries): number | null {
  const region = citedRegion();
  const found = region && placeOf(series, region.image);
  if (!found) return null;
  return found.at + (region.box && !isWhole(region.box, found.image) ? region.frame : found.image.key_frame);
}

/** The cited region where it lies on this frame, in pixels: never on another image. */
function citedBoxes(spec: FrameSpec): Box[] {
  const region = citedRegion();
  if (!region?.box || !spec.image || spec.image.digest !== region.image) return [];
  return spec.frame === region.frame || isWhole(region.box, spec.image) ? [region.box] : [];
}

/** Of an earlier study the series most like the one in view. */
const likest = (prior: Study, series: StudySeries | undefined): StudySeries | undefined =>
  prior.series.find((one) => one.modality === series?.modality && one.body_part === series?.body_part && one.view === series?.view)
  ?? prior.series.find((one) => one.modality === series?.modality)
  ?? prior.series[0];

const noBoxes = (): Box[] => [];

export const ImagePane = (): JSX.Element => {
  const one = study.value;
  const cases = (turnShown.value?.evidence ?? []).filter((item): item is CaseItem => item.source.kind === "case" && item.source.images.length > 0);
  const side = cases.find((item) => item.key === comparing.value) ?? null;
  const earlier = one?.patient ? studies.value.filter((each) => each.study !== one.study && each.patient === one.patient) : [];
  const prior = earlier.find((each) => comparing.value === `study:${each.study}`) ?? null;
  const alone = one ? null : cases.find((item) => item.key === openCase.value) ?? null;
  const [chosen, setChosen] = useState(0);
  useEffect(() => setChosen(0), [one?.study]);
  const region = citedRegion()?.image;
  useEffect(() => {
    const at = one?.series.findIndex((each) => region !== undefined && placeOf(each, region) !== null) ?? -1;
    if (at >= 0) setChosen(at);
  }, [one?.study, region]);
  const series = one?.series[Math.min(chosen, (one?.series.length ?? 1) - 1)];
  const main = useMemo(
    () => (one && series ? framesOf(one, series) : alone ? framesOfCase(alone) : []),
    [one?.study, chosen, alone?.key],
  );
  const before = prior ? likest(prior, series) : undefined;
  const other = useMemo(
    () => (side ? framesOfCase(side) : prior && before ? framesOf(prior, before) : []),
    [side?.key, prior?.study, before?.key],
  );
  const beside = side ? `${t("caseSide")} ${side.key}${side.source.diagnosis ? `: ${side.source.diagnosis}` : ""}` : prior ? `${t("priorSide")} ${dayOf(prior)}` : "";
  if (!main.length) return <p class="empty">{t("noImage")}</p>;
  return (
    <div class="image-pane">
      <div class="viewer-head">
        <ToolBar comparing={beside !== ""} series={series ?? null} />
        {one && side && <HeatButton study={one.study} caseId={side.source.case_id} collection={side.retrieval.collection} />}
        {one && !side && <LabelHeat study={one.study} />}
        <HeatLegend />
      </div>
      <div class={`stage ${beside ? "two" : ""}`}>
        <Viewer id="main" frames={main} first={one && series ? keyPlace(series) : 0} goal={one && series ? citedPlace(series) : null} boxes={citedBoxes}
          label={beside ? t("querySide") : alone ? `${t("caseSide")} ${alone.key}` : ""} />
        {beside && <Viewer id="side" frames={other} first={before ? keyPlace(before) : 0} goal={null} boxes={noBoxes} label={beside} />}
      </div>
      {one && (one.series.length > 1 || one.series.some((each) => each.images.length > 1)) && (
        <ul class="series-strip" aria-label={t("series")}>
          {one.series.map((each, index) => (
            <li key={each.key}>
              <button type="button" aria-pressed={index === chosen} onClick={() => setChosen(index)}>
                <img alt="" loading="lazy" src={pictureOf(one, each.key)} />
                <span>{each.modality || t("tab_image")} · {each.images.reduce((sum, image) => sum + image.frames, 0)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {(cases.length > 0 || earlier.length > 0) && one && (
        <div class="compare-strip">
          <span class="muted">{t("compare")}</span>
          {earlier.slice(0, 4).map((each) => (
            <Beside key={each.study} name={`study:${each.study}`} label={t("priorSide")} hint={dayOf(each)} picture={pictureOf(each)} />
          ))}
          {cases.slice(0, 8).map((item) => (
            <Beside key={item.key} name={item.key} label={item.key} hint={item.source.diagnosis ?? item.source.case_id} picture={casePicture(item)} />
          ))}
        </div>
      )}
    </div>
  );
};

const dayOf = (one: Study): string => new Date(one.created_at).toLocaleDateString(lang.value === "zh" ? "zh-CN" : "en-GB");

const Beside = (props: { name: string; label: string; hint: string; picture: string }): JSX.Element => (
  <button type="button" class="compare-thumb" aria-pressed={props.name === comparing.value} title={props.hint}
    aria-label={`${props.label}, ${t("compare")}: ${props.hint}`}
    onClick={() => { comparing.value = props.name === comparing.value ? null : props.name; }}>
    <img alt="" loading="lazy" src={props.picture} />
    <span>{props.label}</span>
  </button>
);

const MOUSE: { name: ToolName; icon: IconName }[] = [
  { name: "window", icon: "window" },
  { name: "zoom", icon: "zoom" },
  { name: "pan", icon: "pan" },
  { name: "scroll", icon: "scroll" },
  { name: "length", icon: "length" },
];

const ToolBar = ({ comparing: two, series }: { comparing: boolean; series: StudySeries | null }): JSX.Element => {
  const [tool, setTool] = useState<ToolName>("window");
  const choose = (name: ToolName): void => {
    setTool(name);
    chooseTool(name);
  };
  return (
    <div class="viewer-tools" role="toolbar" aria-label={t("viewer")}>
      {MOUSE.map(({ name, icon }) => (
        <IconButton key={name} name={icon} label={t(name)} pressed={tool === name} onClick={() => choose(name)} />
      ))}
      <span class="divider" />
      <IconButton name="invert" label={`${t("invert")} (i)`} onClick={() => viewers.value.forEach((one) => one.invert())} />
      <IconButton name="reset" label={`${t("reset")} (r)`} onClick={() => viewers.value.forEach((one) => one.reset())} />
      {series && series.images.length > 1 && <KeySlice />}
      {two && <IconButton name="close" label={t("closeCompare")} onClick={() => { comparing.value = null; }} />}
    </div>
  );
};

/** Asks about the slice in view in place of the series' middle one. */
const KeySlice = (): JSX.Element => {
  const digest = current.value?.image?.digest ?? null;
  const chosen = digest !== null && keyImage.value === digest;
  return (
    <button type="button" class="key-slice" aria-pressed={chosen} onClick={() => { keyImage.value = chosen ? null : digest; }}>
      <Icon name="key" size={16} />{t("keySlice")}
    </button>
  );
};

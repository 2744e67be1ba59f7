import type { JSX } from "preact";
import { lang, t } from "../i18n";
import { studies, studyOf } from "../state";
import type { Study } from "../types";

export const pictureOf = (one: Study, digest = one.series[0]?.key): string =>
  `/api/studies/${one.study}/images/${digest}/picture`;

export const studyName = (one: Study): string => {
  const parts = one.series.map((series) => [series.modality, series.body_part].filter(Boolean).join(" "));
  return [...new Set(parts)].filter(Boolean).join(", ") || t("tab_image");
};

export const sentAt = (iso: string): string =>
  new Date(iso).toLocaleString(lang.value === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });

/** Whose images these are, so that no patient is taken for another: picture, pseudonym, and when they were sent in. */
export const Whose = ({ patient, images }: { patient: string | null; images: string[] }): JSX.Element => {
  const found = studyOf(studies.value, images);
  const shown = found?.series.flatMap((series) => series.images).find((image) => images.includes(image.digest));
  return (
    <span class="whose">
      {found && shown && <img class="thumb" alt="" width="44" height="44" loading="lazy" src={pictureOf(found, shown.digest)} />}
      <span class="whose-words">
        <code class="pseudonym">{patient ?? t("noPseudonym")}</code>
        <small class="muted">{found ? `${studyName(found)} · ${t("sentIn")} ${sentAt(found.created_at)}` : t("studyGone")}</small>
      </span>
    </span>
  );
};

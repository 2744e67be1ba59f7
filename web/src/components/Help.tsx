import type { JSX } from "preact";
import { type Key, t } from "../i18n";
import { IconButton } from "../icons";
import { helpOpen } from "../state";
import { Modal } from "./Modal";

const KEYS: [string, Key][] = [
  ["/", "key_focus"],
  ["[ ]", "key_cite"],
  ["1–9", "key_presets"],
  ["i", "key_invert"],
  ["r", "key_reset"],
  ["t", "key_tabs"],
  ["n", "key_new"],
  ["?", "key_help"],
];

export const Help = (): JSX.Element | null =>
  helpOpen.value ? (
    <Modal labelledBy="help-title" onClose={() => { helpOpen.value = false; }}>
        <div class="dialog-head">
          <h2 id="help-title">{t("shortcuts")}</h2>
          <IconButton name="close" label={t("close")} onClick={() => { helpOpen.value = false; }} />
        </div>
        <dl class="keys">
          {KEYS.map(([key, what]) => (
            <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(what)}</dd></div>
          ))}
        </dl>
        <p class="muted">{t("supportLegend")}</p>
    </Modal>
  ) : null;

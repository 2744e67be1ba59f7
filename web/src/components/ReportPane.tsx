import type { JSX } from "preact";
import { t } from "../i18n";

export const ReportPane = (): JSX.Element => (
  <div class="conversation" id="middle-panel" role="tabpanel" aria-labelledby="middle-report" tabIndex={0}>
    <p class="empty">{t("reportEmpty")}</p>
  </div>
);

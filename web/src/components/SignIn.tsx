import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t, wordsOf } from "../i18n";
import { signIn } from "../state";
import type { Problem } from "../types";
import { LanguageButton, ThemeButton, Wordmark } from "./TopBar";

export const SignIn = (): JSX.Element => {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [waiting, setWaiting] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setWaiting(true);
    setProblem(await signIn(name, password));
    setWaiting(false);
  };
  return (
    <main class="splash">
      <form class="sign-in" onSubmit={(event) => void submit(event)}>
        <h1><Wordmark /></h1>
        <p class="muted">{t("tagline")}</p>
        <label for="name">{t("userName")}</label>
        <input id="name" autocomplete="username" required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <label for="password">{t("password")}</label>
        <input id="password" type="password" autocomplete="current-password" required value={password}
          onInput={(event) => setPassword(event.currentTarget.value)} />
        {problem && <p class="form-problem" role="alert">{wordsOf(problem).detail}</p>}
        <button type="submit" class="button primary" disabled={waiting}>{t("signIn")}</button>
      </form>
      <div class="splash-tools"><LanguageButton /><ThemeButton /></div>
    </main>
  );
};

import { signal } from "@preact/signals";
import type { Lang, Problem } from "./types";
import * as asking from "./words/asking";
import * as evidence from "./words/evidence";
import * as report from "./words/report";
import * as shell from "./words/shell";
import * as viewer from "./words/viewer";

const en = { ...shell.en, ...asking.en, ...evidence.en, ...viewer.en, ...report.en };
const zh = { ...shell.zh, ...asking.zh, ...evidence.zh, ...viewer.zh, ...report.zh };
export type Key = keyof typeof en;

const WORDS: Record<Lang, Record<Key, string>> = { en, zh };
const stored = localStorage.getItem("radcite.lang");

export const lang = signal<Lang>(
  stored === "zh" || stored === "en" ? stored : navigator.language.startsWith("zh") ? "zh" : "en",
);

export const t = (key: Key): string => WORDS[lang.value][key];

/** A word for a value that the server may extend; the value itself where there is none. */
export const word = (prefix: string, value: string): string => {
  const key = `${prefix}_${value}`;
  return key in en ? t(key as Key) : value;
};

export const wordsOf = (problem: Problem): { title: string; detail: string; hint: string } =>
  lang.value === "zh" ? problem.zh : problem;

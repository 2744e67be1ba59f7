/** The published JSON, as `radcite ask --json` and the REST API send it. */

export type Lang = "en" | "zh";
export type Box = [number, number, number, number];
export interface PageBox { page: number; box: Box }

export type Place =
  | { type: "page_location"; document_id: string; boxes: PageBox[] }
  | { type: "char_location"; document_id: string; start: number; end: number }
  | { type: "case_location"; case_id: string; field: string; start: number; end: number }
  | { type: "image_location"; image: string; frame: number; box: Box | null; observation: Observation; document_id?: string; on_page?: PageBox };

export interface Observation { tool: string; version: string; value: string; score: number | null }
export interface Citation { evidence: string; quote: string | null; place: Place }
export type Support = "supported" | "weak" | "unsupported";

export interface Claim {
  text: string;
  about: string;
  certainty: "present" | "absent" | "uncertain";
  support: Support;
  reason: string | null;
  part: string | null;
  condition: string | null;
  gloss: string | null;
  citations: Citation[];
}

export interface Passage {
  kind: "passage";
  document_id: string;
  title: string;
  text: string;
  start: number;
  end: number;
  page: number | null;
  language: Lang;
  licence: string | null;
  source_url: string | null;
  doi: string | null;
  pmid: string | null;
  year: number | null;
  retracted: boolean;
  figure: Figure | null;
}

/** A figure of a document: the place of its caption in the text, and its own on its page. */
export interface Figure { label: string; start: number; end: number; page: number; box: Box; image: string }

export interface ImageRef { digest: string; uri: string; frame: number; modality: string | null; view: string | null }

export interface Case {
  kind: "case";
  case_id: string;
  images: ImageRef[];
  report: string;
  findings: string[];
  diagnosis: string | null;
  labels: string[];
  modality: string | null;
  body_part: string | null;
  view: string | null;
  language: Lang;
  licence: string | null;
}

export interface Region { kind: "region"; image: string; frame: number; box: Box | null; observation: Observation }
export interface Term { kind: "term"; term_id: string; document_id: string; quote: string; source_url: string | null }
export type Source = Passage | Case | Region | Term;

export interface Evidence {
  key: string;
  source: Source;
  retrieval: { tool: string; query: string; collection: string; encoder: string; score: number; rank: number };
}

export interface DifferentialItem {
  condition: { code: string; system: string; display: Record<Lang, string> };
  probability: number;
  in_conformal_set: boolean | null;
  for: string[];
  against: string[];
}

export interface Safety { red_flags: string[]; notice: string }

interface Said {
  trace_id: string;
  task: string;
  language: Lang;
  degraded: string[];
  safety: Safety;
}

export interface Answer extends Said {
  kind: "answer";
  claims: Claim[];
  evidence: Evidence[];
  differential: DifferentialItem[] | null;
  review: { report_id: string; status: string; signer: string | null } | null;
}

export interface Abstention extends Said { kind: "abstention"; reason: string; message: string; searched: string[] }
export type Outcome = Answer | Abstention;

export interface Problem {
  code: string;
  title: string;
  detail: string;
  hint: string;
  status: number;
  zh: { title: string; detail: string; hint: string };
}

export interface Step {
  name: string;
  state: "started" | "done";
  seconds?: number;
  searched?: string[];
  found?: number;
  drafted?: number;
  kept?: number;
  refused?: string[];
  degraded?: string[];
  task?: string;
  language?: string;
  requests?: { tool: string; query?: string; limit?: number }[];
}

export interface Asking { text: string; study: string | null; images: string[]; task: string; language: string; collection: string }
export interface Feedback { verdict: "up" | "down"; reason: string }

export interface Turn {
  number: number;
  asking: Asking;
  outcome: Outcome | null;
  problem: Problem | null;
  steps: Step[];
  seconds: number;
  asked_at: string;
  feedback: Feedback | null;
}

export interface Thread { thread: string; title: string; created_at: string; updated_at: string; turns: number }

export interface StudyImage {
  digest: string;
  frames: number;
  key_frame: number;
  rows: number;
  columns: number;
  kind: "uint8" | "int8" | "uint16" | "int16" | "float32" | "rgb8";
  slope: number;
  intercept: number;
  windows: [number, number][];
  inverted: boolean;
  spacing_mm: [number, number] | null;
  low: number;
  high: number;
}

export interface StudySeries { modality: string; body_part: string; view: string; key: string; images: StudyImage[] }
export interface Gate { removed: string[]; private: number; burned_in: "yes" | "no" | "unknown"; redacted: number }
export interface Study { study: string; created_at: string; series: StudySeries[]; gate: Gate; patient: string | null }
export interface Refused { file: string; code: string; message: string; title: string; zh: { title: string } }

export interface Finding {
  id: string;
  text: string;
  about: string;
  certainty: Claim["certainty"];
  support: Support;
  citations: Citation[];
  decision: "pending" | "accepted" | "edited" | "rejected";
  edited: string | null;
  reason: string | null;
}

export interface FormField { id: string; title: string; required: boolean; text: string | null; findings: string[] }
export interface Signature { version: number; signer: string; signed_at: string; digest: string }

export interface Report {
  report_id: string;
  trace_id: string;
  created_at: string;
  task: string;
  language: Lang;
  collection: string;
  patient: string | null;
  images: string[];
  version: number;
  amendment: string | null;
  findings: Finding[];
  evidence: Evidence[];
  differential: DifferentialItem[] | null;
  safety: Safety;
  degraded: string[];
  form: { template: string; title: string; fields: FormField[] } | null;
  signatures: Signature[];
  status: "draft" | "final" | "amended";
  signed: boolean;
  intact: boolean;
  revision: string;
  pending: string[];
  missing: string[];
  exports: string[];
}

export interface Template { template: string; en: string; zh: string }

/** A report in the list of those to review. */
export interface Waiting {
  report_id: string;
  patient: string | null;
  images: string[];
  created_at: string;
  task: string;
  title: string | null;
  version: number;
  status: Report["status"];
  signed: boolean;
  pending: number;
  missing: number;
  first: string;
}

export interface HeldImage {
  key: string;
  places: { frame: number; box: Box; score: number; verdict: "mask" | "hold" }[];
  words: { field: string; start: number; end: number }[];
  maskable: boolean;
  held_at: string;
  decision: string | null;
}

export interface Session {
  login: boolean;
  user: { name: string; role: string; permissions: string[] } | null;
  csrf: string | null;
  version: string;
  collections: { name: string; documents: number; passages: number; cases: number; images: number }[];
  writer?: string;
  pacs?: boolean;
}

export interface PacsStudy {
  uid: string;
  patient_id: string;
  patient_name: string;
  date: string;
  description: string;
  modalities: string[];
  instances: number | null;
}

export interface DocumentView {
  document_id: string;
  title: string;
  text: string;
  from: number;
  length: number;
  pages: boolean;
  boxes: PageBox[];
  licence: string | null;
}

export interface Hit { rank: number; score: number; cosine: number | null; source: Passage | Case }

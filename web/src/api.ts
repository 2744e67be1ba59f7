import type { Problem, Session } from "./types";

/** A failure as the server states it, or one of the connection. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

let csrf: string | null = null;

export const useToken = (session: Session): void => {
  csrf = session.csrf;
};

const OFFLINE: Problem = {
  code: "OFFLINE",
  title: "The server does not answer",
  detail: "the connection failed",
  hint: "Check that radcite runs, then try again.",
  status: 0,
  zh: { title: "服务器无响应", detail: "连接失败", hint: "请确认 radcite 正在运行，然后重试。" },
};

const headers = (): Record<string, string> => (csrf ? { "X-CSRF-Token": csrf } : {});

async function refused(response: Response): Promise<ApiError> {
  try {
    return new ApiError((await response.json()) as Problem);
  } catch {
    return new ApiError({ ...OFFLINE, code: "INTERNAL", status: response.status });
  }
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { ...headers(), ...(init.headers as Record<string, string>) } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(OFFLINE);
  }
  if (!response.ok) throw await refused(response);
  return response;
}

export const getJson = async <T>(path: string): Promise<T> => (await send(path)).json() as Promise<T>;

export async function sendJson<T>(method: string, path: string, body?: unknown): Promise<T | null> {
  const response = await send(path, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.status === 204 ? null : ((await response.json()) as T);
}

export const getBytes = async (path: string, signal?: AbortSignal): Promise<ArrayBuffer> =>
  (await send(path, signal ? { signal } : {})).arrayBuffer();

export type Listener = (name: string, data: never) => void;

/** Cuts a growing text into the events it holds. */
function eventReader(listen: Listener): (text: string) => void {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      let name = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        if (line.startsWith("data: ")) data.push(line.slice(6));
      }
      if (data.length) listen(name, JSON.parse(data.join("\n")) as never);
    }
  };
}

/** Sends a body and hears the events that come back. */
export async function stream(path: string, body: unknown, listen: Listener, signal?: AbortSignal): Promise<void> {
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const read = eventReader(listen);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    read(decoder.decode(value, { stream: true }));
  }
}

/** Sends files with upload progress; then the events of their reading. */
export function upload(
  path: string,
  files: File[],
  fields: Record<string, string>,
  sent: (share: number) => void,
  listen: Listener,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    for (const file of files) form.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    const read = eventReader(listen);
    let seen = 0;
    const more = (): void => {
      if (request.status >= 300) return;
      read(request.responseText.slice(seen));
      seen = request.responseText.length;
    };
    request.upload.onprogress = (event) => sent(event.total ? event.loaded / event.total : 0);
    request.onprogress = more;
    request.onerror = () => reject(new ApiError(OFFLINE));
    request.onload = () => {
      more();
      if (request.status < 300) return resolve();
      try {
        reject(new ApiError(JSON.parse(request.responseText) as Problem));
      } catch {
        reject(new ApiError(OFFLINE));
      }
    };
    request.send(form);
  });
}

export const query = (fields: Record<string, string | number | null | undefined>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value == null || value === "" ? [] : [[name, String(value)]])),
  ).toString();

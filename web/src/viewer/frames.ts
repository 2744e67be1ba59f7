import { getBytes } from "../api";
import type { StudyImage } from "../types";

/** A frame that can be shown: where its values come from, and how to read them. */
export interface FrameSpec {
  id: string;
  url: string;
  image: StudyImage | null;
  modality: string;
  /** Which frame of its image, from 0. */
  frame: number;
  /** Which of the stack, from 0. */
  place: number;
}

export interface Loaded {
  values: Int16Array | Uint16Array | Uint8Array | Float32Array | Uint8ClampedArray;
  rows: number;
  columns: number;
  color: boolean;
  low: number;
  high: number;
}

const ARRAYS = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

/** The values as they mean: stored values after slope and intercept, colours as they are. */
export async function loadFrame(spec: FrameSpec): Promise<Loaded> {
  return spec.image ? stored(await getBytes(spec.url), spec.image) : picture(await getBytes(spec.url));
}

function stored(bytes: ArrayBuffer, image: StudyImage): Loaded {
  const { rows, columns } = image;
  if (image.kind === "rgb8") {
    return { values: new Uint8ClampedArray(bytes), rows, columns, color: true, low: 0, high: 255 };
  }
  const raw = new ARRAYS[image.kind](bytes);
  return { ...rescaled(raw, image.slope, image.intercept), rows, columns, color: false };
}

function rescaled(
  raw: Int8Array | Uint8Array | Int16Array | Uint16Array | Float32Array, slope: number, intercept: number,
): Pick<Loaded, "values" | "low" | "high"> {
  let low = Infinity;
  let high = -Infinity;
  for (const value of raw) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const ends = [low * slope + intercept, high * slope + intercept].sort((a, b) => a - b) as [number, number];
  const whole = !(raw instanceof Float32Array) && Number.isInteger(slope) && Number.isInteger(intercept);
  const Fitting = !whole ? Float32Array : ends[0] >= -32768 && ends[1] <= 32767 ? Int16Array : ends[0] >= 0 && ends[1] <= 65535 ? Uint16Array : Float32Array;
  const values = new Fitting(raw.length);
  for (let i = 0; i < raw.length; i++) values[i] = (raw[i] as number) * slope + intercept;
  return { values, low: ends[0], high: ends[1] };
}

async function picture(bytes: ArrayBuffer): Promise<Loaded> {
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  let grey = true;
  for (let i = 0; grey && i < data.length; i += 4) grey = data[i] === data[i + 1] && data[i] === data[i + 2];
  const values = grey ? new Uint8Array(width * height) : new Uint8ClampedArray(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    if (grey) values[i] = data[4 * i] as number;
    else values.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
  }
  return { values, rows: height, columns: width, color: !grey, low: 0, high: 255 };
}

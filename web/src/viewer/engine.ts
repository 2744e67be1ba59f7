import {
  cache, Enums, imageLoader, init as initCore, metaData, RenderingEngine, setUseCPURendering, type Types, utilities,
} from "@cornerstonejs/core";
import {
  addTool, Enums as ToolEnums, init as initTools, LengthTool, PanTool, StackScrollTool, ToolGroupManager,
  WindowLevelTool, ZoomTool,
} from "@cornerstonejs/tools";
import { type FrameSpec, loadFrame, type Loaded } from "./frames";

export type ToolName = "window" | "zoom" | "pan" | "scroll" | "length";

const SCHEME = "radcite";
const GROUP = "radcite-tools";
const TOOLS = { window: WindowLevelTool, zoom: ZoomTool, pan: PanTool, scroll: StackScrollTool, length: LengthTool };
const specs = new Map<string, FrameSpec>();
const loadedFrames = new Map<string, Loaded>();

let engine: RenderingEngine | null = null;
let ready: Promise<void> | null = null;

export const prepare = (): Promise<void> => (ready ??= setUp());

function hasWebGl(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

async function setUp(): Promise<void> {
  initCore();
  // A reading-room thin client may have no WebGL; the processor draws as well, if slower.
  setUseCPURendering(!hasWebGl());
  initTools();
  for (const tool of Object.values(TOOLS)) addTool(tool);
  imageLoader.registerImageLoader(SCHEME, load as never);
  metaData.addProvider(describe, 10_000);
  const group = ToolGroupManager.createToolGroup(GROUP);
  for (const tool of Object.values(TOOLS)) group?.addTool(tool.toolName);
  engine = new RenderingEngine("radcite");
}

export function chooseTool(name: ToolName): void {
  const group = ToolGroupManager.getToolGroup(GROUP);
  if (!group) return;
  const { Primary, Secondary, Auxiliary, Wheel } = ToolEnums.MouseBindings;
  for (const [other, tool] of Object.entries(TOOLS)) if (other !== name) group.setToolPassive(tool.toolName, { removeAllBindings: true });
  const also: Partial<Record<ToolName, number[]>> = { zoom: [Secondary], pan: [Auxiliary], scroll: [Wheel] };
  for (const [other, tool] of Object.entries(TOOLS)) {
    const bindings = [...(other === name ? [Primary] : []), ...(also[other as ToolName] ?? [])];
    if (bindings.length) group.setToolActive(tool.toolName, { bindings: bindings.map((mouseButton) => ({ mouseButton })) });
  }
}

function load(imageId: string): { promise: Promise<Types.IImage> } {
  return { promise: made(imageId) };
}

async function made(imageId: string): Promise<Types.IImage> {
  const spec = specs.get(imageId);
  if (!spec) throw new Error(imageId);
  const loaded = await loadFrame(spec);
  loadedFrames.set(imageId, loaded);
  const { values, rows, columns, color } = loaded;
  const [rowSpacing, columnSpacing] = spec.image?.spacing_mm ?? [1, 1];
  const [center, width] = firstWindow(spec, loaded);
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: columns, height: rows, scalarData: values as never, numberOfComponents: color ? 3 : 1,
  });
  return {
    imageId,
    minPixelValue: loaded.low,
    maxPixelValue: loaded.high,
    slope: 1,
    intercept: 0,
    isPreScaled: true,
    preScale: { enabled: true, scaled: true, scalingParameters: { rescaleSlope: 1, rescaleIntercept: 0, modality: spec.modality } },
    windowCenter: [center],
    windowWidth: [width],
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    rows,
    columns,
    width: columns,
    height: rows,
    color,
    rgba: false,
    numberOfComponents: color ? 3 : 1,
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
    invert: spec.image?.inverted ?? false,
    photometricInterpretation: color ? "RGB" : spec.image?.inverted ? "MONOCHROME1" : "MONOCHROME2",
    sizeInBytes: values.byteLength,
    dataType: values.constructor.name as never,
    voxelManager: voxelManager as never,
    getPixelData: () => voxelManager.getScalarData() as never,
    getCanvas: () => canvasOf(loaded),
  };
}

function canvasOf(loaded: Loaded): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = loaded.columns;
  canvas.height = loaded.rows;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const data = context.createImageData(loaded.columns, loaded.rows);
  for (let i = 0; i < loaded.rows * loaded.columns; i++) {
    for (let c = 0; c < 3; c++) data.data[4 * i + c] = loaded.values[loaded.color ? 3 * i + c : i] as number;
    data.data[4 * i + 3] = 255;
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

/** Centre and width as the file wishes, else over the values that matter. */
export function firstWindow(spec: FrameSpec, loaded: Loaded | null): [number, number] {
  const wished = spec.image?.windows[0];
  if (wished) return wished;
  const low = spec.image?.low ?? loaded?.low ?? 0;
  const high = spec.image?.high ?? loaded?.high ?? 255;
  return [(low + high) / 2, Math.max(1, high - low)];
}

function describe(type: string, imageId: string): unknown {
  const spec = specs.get(imageId);
  if (!spec) return undefined;
  const loaded = loadedFrames.get(imageId);
  const rows = spec.image?.rows ?? loaded?.rows ?? 1;
  const columns = spec.image?.columns ?? loaded?.columns ?? 1;
  const [rowPixelSpacing, columnPixelSpacing] = spec.image?.spacing_mm ?? [1, 1];
  const [center, width] = firstWindow(spec, loaded ?? null);
  switch (type) {
    case "imagePixelModule": {
      const color = loaded?.color ?? spec.image?.kind === "rgb8";
      const bits = color || loaded?.values instanceof Uint8Array ? 8 : loaded?.values instanceof Float32Array ? 32 : 16;
      return {
        bitsAllocated: bits, bitsStored: bits, highBit: bits - 1, samplesPerPixel: color ? 3 : 1, rows, columns,
        pixelRepresentation: loaded?.values instanceof Int16Array ? 1 : 0,
        photometricInterpretation: color ? "RGB" : spec.image?.inverted ? "MONOCHROME1" : "MONOCHROME2",
        modality: spec.modality,
      };
    }
    case "imagePlaneModule":
      return {
        frameOfReferenceUID: `${spec.id.split("/")[0]}`, rows, columns, rowPixelSpacing, columnPixelSpacing,
        imageOrientationPatient: [1, 0, 0, 0, 1, 0], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0],
        imagePositionPatient: [0, 0, spec.place], sliceLocation: spec.place, sliceThickness: 1,
        usingDefaultValues: !spec.image?.spacing_mm,
      };
    case "generalSeriesModule":
      return { modality: spec.modality, seriesNumber: 1 };
    case "voiLutModule":
      return { windowCenter: [center], windowWidth: [width] };
    case "modalityLutModule":
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    case "calibratedPixelSpacing":
      return undefined;
    default:
      return undefined;
  }
}

export interface Look { center: number; width: number; inverted: boolean; index: number; zoom: number }

/** One stack of frames in one element. */
export class Stack {
  private readonly viewport: Types.IStackViewport;
  private frames: FrameSpec[] = [];

  constructor(private readonly element: HTMLDivElement, private readonly id: string, private readonly changed: () => void) {
    const at = engine as RenderingEngine;
    at.enableElement({ viewportId: id, type: Enums.ViewportType.STACK, element, defaultOptions: { background: [0, 0, 0] as Types.Point3 } });
    this.viewport = at.getViewport(id) as Types.IStackViewport;
    ToolGroupManager.getToolGroup(GROUP)?.addViewport(id, at.id);
    for (const name of [Enums.Events.IMAGE_RENDERED, Enums.Events.CAMERA_MODIFIED, Enums.Events.VOI_MODIFIED, Enums.Events.STACK_NEW_IMAGE]) {
      element.addEventListener(name, this.changed);
    }
  }

  async show(frames: FrameSpec[], index: number): Promise<void> {
    this.frames = frames;
    for (const one of frames) specs.set(`${SCHEME}:${one.id}`, one);
    await this.viewport.setStack(frames.map((one) => `${SCHEME}:${one.id}`), index);
    this.reset();
  }

  get length(): number {
    return this.frames.length;
  }

  /** As far through the stack as another one is through its own. */
  follow(share: number): void {
    const index = Math.round(share * (this.frames.length - 1));
    if (index !== this.viewport.getCurrentImageIdIndex()) void this.go(index);
  }

  async go(index: number): Promise<void> {
    const last = this.frames.length - 1;
    await this.viewport.setImageIdIndex(Math.max(0, Math.min(last, index)));
  }

  window(center: number, width: number): void {
    this.viewport.setProperties({ voiRange: { lower: center - width / 2, upper: center + width / 2 } });
    this.viewport.render();
  }

  invert(): void {
    this.viewport.setProperties({ invert: !this.viewport.getProperties().invert });
    this.viewport.render();
  }

  reset(): void {
    this.viewport.resetProperties();
    this.viewport.resetCamera();
    const spec = this.frames[this.viewport.getCurrentImageIdIndex()];
    const loaded = spec ? loadedFrames.get(`${SCHEME}:${spec.id}`) ?? null : null;
    if (spec && !loaded?.color) this.window(...firstWindow(spec, loaded));
    this.viewport.setProperties({ invert: spec?.image?.inverted ?? false });
    this.viewport.render();
  }

  look(): Look {
    const { voiRange, invert } = this.viewport.getProperties();
    const [lower, upper] = [voiRange?.lower ?? 0, voiRange?.upper ?? 255];
    return {
      center: (lower + upper) / 2,
      width: upper - lower,
      inverted: invert ?? false,
      index: this.viewport.getCurrentImageIdIndex(),
      zoom: this.viewport.getZoom?.() ?? 1,
    };
  }

  /** Where a point of the image, in pixels from its top left corner, is in the element. */
  onScreen(x: number, y: number): [number, number] {
    const spec = this.frames[this.viewport.getCurrentImageIdIndex()];
    const [rowSpacing, columnSpacing] = spec?.image?.spacing_mm ?? [1, 1];
    const world: Types.Point3 = [(x - 0.5) * columnSpacing, (y - 0.5) * rowSpacing, spec?.place ?? 0];
    return this.viewport.worldToCanvas(world) as [number, number];
  }

  resize(): void {
    // A picture that was fitted stays fitted when a second one takes half of its room.
    engine?.resize(true, false);
  }

  close(): void {
    for (const name of [Enums.Events.IMAGE_RENDERED, Enums.Events.CAMERA_MODIFIED, Enums.Events.VOI_MODIFIED, Enums.Events.STACK_NEW_IMAGE]) {
      this.element.removeEventListener(name, this.changed);
    }
    ToolGroupManager.getToolGroup(GROUP)?.removeViewports("radcite", this.id);
    engine?.disableElement(this.id);
  }
}

export const forgetFrames = (): void => {
  cache.purgeCache();
  loadedFrames.clear();
};

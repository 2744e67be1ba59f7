/** What the screen is made of, by subject; components read the signals and call the functions. */
export * from "./asking";
export * from "./evidence";
export * from "./parcels";
export * from "./reports";
export * from "./session";
export * from "./signals";
export * from "./threads";

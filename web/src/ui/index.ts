export * from "./controls";
export * from "./show";
export * from "./toast";

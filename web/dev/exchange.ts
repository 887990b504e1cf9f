import type { Plugin } from "vite";
export function standIn(): Plugin { return { name: "stand-in" }; }

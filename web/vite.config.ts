import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Plugin, defineConfig } from "vite";
import { standIn } from "./dev/exchange";

const OUT = "../src/floorbook/web";
const GZIP_BYTES_MAX = 110 * 1024;
const exchange = process.env.FLOORBOOK_URL ?? "http://127.0.0.1:8000";

/** Prints what a visitor downloads, and refuses to build more than that. */
function sizeLimit(): Plugin {
  return {
    name: "size-limit",
    apply: "build",
    closeBundle() {
      const files = readdirSync(OUT, { recursive: true, encoding: "utf8" }).map((name) => join(OUT, name));
      const bytes = files
        .filter((name) => statSync(name).isFile())
        .reduce((sum, name) => sum + gzipSync(readFileSync(name)).length, 0);
      console.log(`page: ${(bytes / 1024).toFixed(1)} kB gzipped of ${GZIP_BYTES_MAX / 1024}`);
      if (bytes > GZIP_BYTES_MAX) throw new Error("the page has grown beyond its limit");
    },
  };
}

const paths = ["/info", "/exchange"];
export default defineConfig(({ command }) => ({
  base: "./",
  oxc: { jsx: { runtime: "automatic" as const, importSource: "preact" } },
  build: { outDir: OUT, emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
  plugins: [sizeLimit(), ...(command === "serve" && process.env.STAND_IN ? [standIn()] : [])],
  server: {
    proxy: process.env.STAND_IN
      ? {}
      : {
          ...Object.fromEntries(paths.map((path) => [path, exchange])),
          "/ws": { target: exchange.replace("http", "ws"), ws: true },
        },
  },
}));

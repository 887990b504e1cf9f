import { gzipSync } from "node:zlib";
import { type Plugin, defineConfig } from "vite";

const exchange = process.env.FLOORBOOK_URL ?? "http://127.0.0.1:8000";
const TRADING_KB_MAX = 110;
const WHOLE_KB_MAX = 160;

/** Prints what a visitor downloads, and refuses to build more than that. */
function sizeLimit(): Plugin {
  return {
    name: "size-limit",
    apply: "build",
    generateBundle(_options, bundle) {
      const size = (name: string) => {
        const file = bundle[name];
        return file ? gzipSync(file.type === "chunk" ? file.code : file.source).length / 1024 : 0;
      };
      const reached = new Set<string>();
      const reach = (name: string) => {
        const chunk = bundle[name];
        if (reached.has(name) || chunk?.type !== "chunk") return;
        reached.add(name);
        for (const style of chunk.viteMetadata?.importedCss ?? []) reached.add(style);
        chunk.imports.forEach(reach);
      };
      for (const chunk of Object.values(bundle)) {
        const isFirst = chunk.type === "chunk" && (chunk.isEntry || chunk.facadeModuleId?.includes("views/trade/"));
        if (isFirst) reach(chunk.fileName);
      }
      const sum = (names: Iterable<string>) => [...names].reduce((total, name) => total + size(name), 0);
      const [trading, whole] = [sum(reached), sum(Object.keys(bundle))];
      console.log(`page: trading ${trading.toFixed(1)} kB gzipped of ${TRADING_KB_MAX}, all views ${whole.toFixed(1)} of ${WHOLE_KB_MAX}`);
      if (trading > TRADING_KB_MAX || whole > WHOLE_KB_MAX) this.error("the page has grown beyond its limit");
    },
  };
}

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir: "../src/floorbook/web", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
  plugins: [sizeLimit()],
  server: {
    proxy: {
      ...Object.fromEntries(["/info", "/exchange", "/rpc"].map((path) => [path, exchange])),
      "/ws": { target: exchange.replace("http", "ws"), ws: true },
    },
  },
});

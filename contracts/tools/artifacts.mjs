// Writes <Name>.json with abi and bytecode of every contract that can be deployed, from forge's output.
//   node tools/artifacts.mjs OUT_OF_FORGE DESTINATION
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["src", "src/test-tokens"]; // a file of these holds the contract of its name

function main([out, destination]) {
  mkdirSync(destination, { recursive: true });
  const written = new Set();
  for (const name of SOURCES.flatMap(contractNames)) {
    const { abi, bytecode } = JSON.parse(readFileSync(join(out, `${name}.sol`, `${name}.json`), "utf8"));
    if (bytecode.object === "0x") continue; // abstract
    const text = JSON.stringify(sorted({ abi, bytecode: bytecode.object }));
    writeFileSync(join(destination, `${name}.json`), text + "\n");
    written.add(`${name}.json`);
  }
  const stale = readdirSync(destination).filter((file) => file.endsWith(".json") && !written.has(file));
  for (const file of stale) rmSync(join(destination, file));
}

function contractNames(folder) {
  return readdirSync(folder).filter((file) => file.endsWith(".sol")).map((file) => file.slice(0, -".sol".length));
}

// Keys in order, so that two builds of one source are one file.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

main(process.argv.slice(2));

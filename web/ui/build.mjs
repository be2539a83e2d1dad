// SPDX-License-Identifier: MIT
// Bundles src/ into dist/, which is committed: building and running the server needs no Node.js.
// The same sources give the same bytes; dist/SOURCES.sha256 says which sources they were.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const INPUTS = [".npmrc", "build.mjs", "package-lock.json", "package.json", "tsconfig.json"];

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function manifest() {
  const names = [
    ...INPUTS.map((name) => join(here, name)), ...filesBelow(join(here, "src")), ...filesBelow(dist),
  ];
  const lines = names.map((path) => {
    const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
    return `${digest}  ${relative(here, path).replaceAll("\\", "/")}\n`;
  });
  return lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("");
}

// The notices of the packages whose code is in the bundle.
function licenses(inputs) {
  const packages = new Set(Object.keys(inputs).flatMap((path) =>
    /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  return [...packages].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} ships no license file`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", style: "src/style/main.css" },
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2021", "chrome100", "firefox100", "safari15"],
  minify: true,
  metafile: true,
  legalComments: "none",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});

const outputs = Object.entries(result.metafile.outputs);
const named = (suffix, entry) => outputs.find(([path, output]) =>
  path.endsWith(suffix) && output.entryPoint === entry)[0].replace(/^dist\//, "./");
const page = readFileSync(join(here, "src/index.html"), "utf8")
  .replace("@STYLE@", named(".css", "src/style/main.css"))
  .replace("@SCRIPT@", named(".js", "src/main.tsx"));
writeFileSync(join(dist, "index.html"), page);
writeFileSync(join(dist, "licenses.txt"), licenses(result.metafile.inputs));
writeFileSync(join(dist, "SOURCES.sha256"), manifest());
for (const [path, output] of outputs) console.log(`${String(output.bytes).padStart(8)}  ${path}`);

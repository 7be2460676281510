// Reads pages as JSON from the first file named, writes the index as a script to the second.
import { readFileSync, writeFileSync } from "node:fs";
import MiniSearch from "minisearch";
import { OPTIONS } from "./options.mjs";

const [source, target] = process.argv.slice(2);
const index = new MiniSearch(OPTIONS);
index.addAll(JSON.parse(readFileSync(source, "utf8")));
// A script, and not JSON, because a page opened from disk may load scripts and nothing else. In single quotation
// marks, because JSON is full of double ones, and each escaped one would travel to the reader.
const text = JSON.stringify(index).replace(/[\\']/g, "\\$&");
writeFileSync(target, `globalThis.SEARCH_INDEX='${text}';`);

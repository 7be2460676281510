// The search page. The index comes after the page can be read; what is asked stays in this browser.
import MiniSearch from "minisearch";
import { OPTIONS } from "./options.mjs";

const place = document.getElementById("search-results");
const form = document.querySelector(".bd-search-container form");
const field = form.querySelector("input[name=q]");
const element = (name, text, cssClass = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = cssClass;
  return made;
};

// The index is half a megabyte of text: fetched when the page is drawn, and read a piece at a time.
const fetched = (address) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} did not arrive`));
    document.head.append(script);
  });
const drawn = new Promise((resume) => requestAnimationFrame(() => setTimeout(resume)));
const pause = () => new Promise((resume) => setTimeout(resume));
const load = async () => {
  await drawn;
  await fetched(place.dataset.index);
  await pause();
  const parsed = JSON.parse(globalThis.SEARCH_INDEX);
  await pause();
  return MiniSearch.loadJSAsync(parsed, OPTIONS);
};
const index = load();

// A page that has all the words goes before one that has some of them more often.
const find = (index, query) => {
  const found = index.search(query);
  const words = Math.max(1, ...found.map(({ queryTerms }) => queryTerms.length));
  for (const page of found) page.score *= (page.queryTerms.length / words) ** 2;
  return found.sort((one, other) => other.score - one.score).slice(0, 12);
};

let asking;
const show = async (query) => {
  asking = query;
  place.replaceChildren(element("p", `Looking for "${query}".`));
  let found;
  try {
    found = find(await index, query);
  } catch (error) {
    place.replaceChildren(element("p", "The list of words did not arrive. Please load this page again."));
    throw error;
  }
  if (asking !== query) return; // something else was asked meanwhile
  const list = document.createElement("ul");
  list.className = "ict-found";
  for (const { id, title, description, part } of found) {
    const link = element("a", title);
    link.href = `${document.documentElement.dataset.content_root}${id}.html`;
    const item = document.createElement("li");
    item.append(link, element("p", description));
    if (part) item.append(element("p", part, "ict-found-part"));
    list.append(item);
  }
  const many = { 0: "No page", 1: "One page" }[found.length] ?? `${found.length} pages`;
  const advice = found.length ? "" : " Try one word, or another word for the same thing.";
  place.replaceChildren(element("p", `${many} for "${query}".${advice}`), list);
};

// The words are kept out of the address, so that no server log holds them; a link with ?q= works all the same.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) show(field.value.trim());
});
const asked = new URLSearchParams(location.hash.slice(1)).get("q") ?? new URLSearchParams(location.search).get("q");
if (asked) {
  field.value = asked;
  show(asked);
}
field.focus();

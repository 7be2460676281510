// The search page: Sphinx finds (searchtools.js), this shows. Sphinx's own list would fetch every page it found
// in order to quote it, and keep the words that a reader searched for.

// Sphinx reads these two; the file that sets them is left out, since it stores the words.
const SPHINX_HIGHLIGHT_ENABLED = false;

Search.query = (query) => {
  const [whole, terms, excluded, ...others] = Search._parseQuery(query);
  let found = Search._performSearch(whole, terms, excluded, ...others);
  let saying = "";
  if (!found.length && terms.size > 1) {
    // No page has all the words: show those that have most of them.
    const times = new Map();
    for (const term of terms) {
      for (const result of Search._performSearch(term, new Set([term]), excluded, new Set([term]), new Set([term]))) {
        const known = times.get(result[0]) ?? [0, result];
        times.set(result[0], [known[0] + 1, known[1]]);
      }
    }
    found = [...times.values()].sort((one, other) => one[0] - other[0]).map(([, result]) => result);
    saying = " No page has all these words; these have some of them.";
  }
  showResults(query, found.reverse(), saying);
};

const showResults = (query, found, saying) => {
  const pages = new Map();
  for (const [page, title, anchor] of found) {
    const [name, section] = title.split(" > ");
    const hit = pages.get(page) ?? { name, sections: [] };
    if (section) hit.sections.push({ section, anchor });
    pages.set(page, hit);
  }
  const root = document.documentElement.dataset.content_root;
  const link = (page, anchor, text) => {
    const a = document.createElement("a");
    a.href = `${root}${page}${DOCUMENTATION_OPTIONS.LINK_SUFFIX}${anchor}`;
    a.textContent = text;
    return a;
  };
  const list = document.createElement("ul");
  list.className = "ict-found";
  for (const [page, { name, sections }] of pages) {
    const item = list.appendChild(document.createElement("li"));
    item.append(link(page, "", name));
    for (const { section, anchor } of sections.slice(0, 3)) {
      item.append(document.createElement("br"), link(page, anchor, section));
    }
  }
  const count = pages.size === 1 ? "One page" : `${pages.size || "No"} pages`;
  const summary = document.createElement("p");
  summary.textContent = `${count} for "${query}".${saying}`;
  document.getElementById("search-results").replaceChildren(summary, list);
  Search.stopPulse();
};

document.querySelector(".bd-search-container input[name=q]")?.focus();

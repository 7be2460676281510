// Pages that the reader has marked as read. The marks stay in this browser, and the privacy page clears them.
{
  const KEY = "ict-read";
  const OURS = [KEY, "mode", "theme"];

  const marked = () => {
    try {
      return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
    } catch {
      return new Set(); // this browser keeps nothing, or somebody else wrote there
    }
  };

  const pageOf = (link) => {
    const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href).pathname;
    const { pathname } = new URL(link.href, location.href);
    return pathname.startsWith(root) ? pathname.slice(root.length).replace(/\.html$/, "") : null;
  };

  const button = document.querySelector("button.ict-read");
  const contents = document.querySelector(".bd-docs-nav");
  const links = [...(contents?.querySelectorAll("a.reference.internal") ?? [])];

  const count = document.createElement("p");
  count.className = "ict-read-count";
  contents?.append(count);

  const show = () => {
    const read = marked();
    button?.setAttribute("aria-pressed", String(read.has(button.dataset.page)));
    let found = 0;
    const marks = read.size > 0 || contents?.querySelector(".ict-read-mark");
    for (const link of marks ? links : []) {
      const isRead = read.has(pageOf(link));
      found += isRead;
      link.querySelector(".ict-read-mark")?.remove();
      if (isRead) {
        const mark = document.createElement("span");
        mark.className = "ict-read-mark";
        mark.textContent = " (read)";
        link.append(mark);
      }
    }
    count.textContent = found ? `You have marked ${found} of ${links.length} pages as read.` : "";
  };

  button?.addEventListener("click", () => {
    const read = marked();
    const { page } = button.dataset;
    if (!read.delete(page)) read.add(page);
    const said = button.parentElement.querySelector("[role=status]");
    try {
      localStorage.setItem(KEY, JSON.stringify([...read]));
      said.textContent = read.has(page) ? "Marked in the contents, in this browser only." : "The mark is gone.";
    } catch {
      said.textContent = "This browser does not keep marks.";
    }
    show();
  });

  for (const forget of document.querySelectorAll("button.ict-forget")) {
    forget.hidden = false;
    forget.addEventListener("click", () => {
      for (const key of OURS) localStorage.removeItem(key);
      sessionStorage.clear();
      forget.parentElement.querySelector("[role=status]").textContent = "Nothing of this book is kept in this browser any more.";
      show();
    });
  }
  show();
}

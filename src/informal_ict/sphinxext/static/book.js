// What a static page with widgets needs for keyboards, screen readers and paper.
// No data leaves the page, and nothing is stored.

// ipywidgets draws radio buttons that do not know they belong together: no arrow keys, no "1 of 4".
let groups = 0;
const joinRadioButtons = () => {
  for (const box of document.querySelectorAll(".ict-choice .widget-radio-box:not([role])")) {
    groups += 1;
    box.setAttribute("role", "radiogroup");
    const label = box.parentElement.querySelector(".widget-label");
    if (label?.textContent) {
      label.id = `ict-question-${groups}`;
      box.setAttribute("aria-labelledby", label.id);
    } else {
      box.setAttribute("aria-label", "Your answer");
    }
    for (const input of box.querySelectorAll("input")) input.name = `ict-choice-${groups}`;
  }
};

// Nor do its toggle buttons say which of them is on.
const nameToggleButtons = () => {
  for (const box of document.querySelectorAll(".ict-choice.widget-toggle-buttons")) {
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.querySelector(".widget-label")?.textContent ?? "");
    for (const button of box.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.classList.contains("mod-active")));
    }
  }
};

// A screen reader hears that a choice changed something, in one short sentence.
const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");

const announce = (control) => {
  const explorer = control.closest(".ict-explorer");
  const chart = explorer?.querySelector(".ict-panels .ict-chart");
  const chosen = (control.closest("label") ?? control).textContent.trim() || "your choice";
  status.textContent = chart?.getAttribute("aria-label") ?? `What follows from "${chosen}" is shown below it.`;
};

const onChoice = (event) => {
  const control = event.target.closest(".ict-choice :is(input, select, button)");
  if (control) setTimeout(announce, 100, control);
};

// The theme names two buttons otherwise than they read, and a third not at all (pydata-sphinx-theme 0.16).
const nameThemeButtons = () => {
  for (const summary of document.querySelectorAll("summary:has(> .toctree-toggle):not([aria-label])")) {
    const chapter = summary.closest("li")?.querySelector("a")?.textContent.trim();
    summary.setAttribute("aria-label", `Pages within ${chapter}`);
  }
  for (const button of document.querySelectorAll(".search-button-field")) button.removeAttribute("aria-label");
  for (const icon of document.querySelectorAll(".theme-switch-button > *")) {
    icon.removeAttribute("title");
    icon.querySelector("title")?.remove();
    icon.setAttribute("aria-hidden", "true"); // the button around it has the name
  }
};

// The way through a case as a short code: its name, its version, the letter of each choice. Nothing else.
const LETTERS = "ABCD";

const isShown = (element) => element.getClientRects().length > 0;

const showPathCode = (played) => {
  const scenes = [...played.querySelectorAll(".ict-choice .widget-radio-box")].filter(isShown);
  const letters = scenes.map((scene) => LETTERS[[...scene.querySelectorAll("input")].findIndex((i) => i.checked)] ?? "");
  const ended = [...played.querySelectorAll(".ict-ending")].some(isShown);
  const place = played.querySelector(".ict-path-code");
  place.hidden = !ended;
  place.querySelector("code").textContent = `${played.dataset.case}.${played.dataset.version}.${letters.join("")}`;
  place.querySelector("[role=status]").textContent = "";
};

for (const played of document.querySelectorAll(".ict-played")) {
  played.addEventListener("change", () => setTimeout(showPathCode, 100, played));
  played.querySelector(".ict-path-code button").addEventListener("click", async () => {
    const said = played.querySelector(".ict-path-code [role=status]");
    try {
      await navigator.clipboard.writeText(played.querySelector(".ict-path-code code").textContent);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "This browser did not allow copying. Select the code and copy it by hand.";
    }
  });
}

// A worksheet can be taken along as plain text; without this script it can still be filled in and printed.
const asText = (form) => {
  const title = form.querySelector(".ict-worksheet-title").textContent;
  const answers = [...form.querySelectorAll("textarea")].map((area) => `${area.labels[0].textContent}\n${area.value}`);
  return [title, ...answers].join("\n\n");
};

for (const form of document.querySelectorAll(".ict-worksheet")) {
  form.querySelector(".ict-worksheet-tools").hidden = false;
  form.querySelector("[data-copy]").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(asText(form));
      status.textContent = "Copied. You can paste it into a document of your own.";
    } catch {
      status.textContent = "This browser did not allow copying. Select the text, or print the page.";
    }
    form.querySelector(".ict-worksheet-said").textContent = status.textContent;
  });
  form.addEventListener("reset", () => {
    status.textContent = "The form is empty.";
    form.querySelector(".ict-worksheet-said").textContent = status.textContent;
  });
}

const main = document.querySelector("main") ?? document.body;
main.append(status);
main.addEventListener("change", onChoice);
main.addEventListener("click", (event) => event.target.closest("button") && onChoice(event));
const complete = () => {
  joinRadioButtons();
  nameToggleButtons();
  nameThemeButtons();
};
// Widgets are drawn after loading, and get their classes after they are drawn.
const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] };
new MutationObserver(complete).observe(document.body, changes);
complete();

// On paper everything folded is open. Afterwards it is folded again: a content note still stands before its case.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const folded of unfolded) folded.open = true;
});
addEventListener("afterprint", () => {
  for (const folded of unfolded) folded.open = false;
});

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
  const chosen = control.closest("label")?.textContent ?? "your choice";
  status.textContent = chart?.getAttribute("aria-label") ?? `What follows from "${chosen}" is shown below it.`;
};

const onChoice = (event) => {
  const control = event.target.closest(".ict-choice :is(input, select, button)");
  if (control) setTimeout(announce, 100, control);
};

// The theme names two buttons otherwise than they read (pydata-sphinx-theme 0.16).
const nameThemeButtons = () => {
  for (const button of document.querySelectorAll(".search-button-field")) button.removeAttribute("aria-label");
  for (const icon of document.querySelectorAll(".theme-switch-button > *")) {
    icon.removeAttribute("title");
    icon.querySelector("title")?.remove();
  }
};

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

// On paper everything folded is open.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});

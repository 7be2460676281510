// A summary of the self-assessment by area. It stores and sends nothing; the form works without it.

const BLANK = "0"; // no mark; a hyphen would let the line break

for (const form of document.querySelectorAll(".ict-assessment")) {
  const statements = [...form.querySelectorAll(".ict-statement")];
  const summary = form.querySelector(".ict-assessment-summary");
  const said = summary.querySelector("[data-said]");
  const before = summary.querySelector("#ict-marks-before");

  const marksNow = () => statements.map((one) => one.querySelector("input:checked")?.value ?? BLANK);

  // Four marks at a time, so that a line can be read out and typed again.
  const asLine = (marks) => marks.join("").replace(/(.{4})(?=.)/g, "$1 ");

  const marksBefore = () => {
    const marks = [...before.value.replace(/\s/g, "")];
    if (!marks.length) return null;
    return marks.length === statements.length && marks.every((mark) => /[0-4]/.test(mark)) ? marks : undefined;
  };

  const mean = (marks, area) => {
    const those = statements
      .map((one, place) => (one.closest("section").dataset.area === area ? marks[place] : BLANK))
      .filter((mark) => mark !== BLANK)
      .map(Number);
    return { marked: those.length, text: those.length ? (those.reduce((a, b) => a + b, 0) / those.length).toFixed(1) : "" };
  };

  const show = () => {
    const now = marksNow();
    const earlier = marksBefore();
    summary.hidden = now.every((mark) => mark === BLANK) && !before.value;
    for (const row of summary.querySelectorAll("tr[data-area]")) {
      const { marked, text } = mean(now, row.dataset.area);
      const all = statements.filter((one) => one.closest("section").dataset.area === row.dataset.area).length;
      row.querySelector("[data-marked]").textContent = `${marked} of ${all}`;
      row.querySelector("[data-now]").textContent = text;
      row.querySelector("[data-before]").textContent = earlier ? mean(earlier, row.dataset.area).text : "";
    }
    const lowest = Math.min(...now.filter((mark) => mark !== BLANK).map(Number));
    const first = statements.filter((one, place) => Number(now[place]) === lowest);
    const names = first.slice(0, 5).map((one) => one.querySelector("legend").textContent.trim());
    const more = first.length > 5 ? `, and ${first.length - 5} more` : "";
    summary.querySelector("[data-lowest]").textContent = names.length ? `You marked lowest: ${names.join("; ")}${more}. Choose one to begin with.` : "";
    summary.querySelector("[data-line]").textContent = asLine(now);
    said.textContent = earlier === undefined ? `A line of marks has ${statements.length} signs: 1 to 4, or 0 for a blank.` : "";
  };

  form.addEventListener("change", show);
  before.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  summary.querySelector("[data-print]").addEventListener("click", () => print());
  summary.querySelector("[data-copy]").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(asLine(marksNow()));
      said.textContent = "Copied. Keep the line where only you will find it.";
    } catch {
      said.textContent = "This browser did not allow copying. Write the line down.";
    }
  });
  show();
}

// What is wider than its place can be scrolled by keyboard. The theme measures all of it when a page has loaded and
// whenever anything in it changes, for which the whole page must be laid out; here a part is measured when it is.
{
  const PARTS = "pre, .cell_output > .output, .pst-scrollable-table-container";

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
      target.tabIndex = scrolls ? 0 : -1;
    }
  });
  for (const part of document.querySelectorAll(PARTS)) {
    part.tabIndex = 0; // so that whoever comes by keyboard passes over none before it is measured
    sizes.observe(part);
  }
}

// Light or dark as the reader chose, before the first paint: the one script that the page waits for.
{
  const { dataset } = document.documentElement;
  let kept = {};
  try {
    kept = localStorage;
  } catch {
    // This browser keeps nothing; the page follows the device.
  }
  dataset.mode = kept.mode || "auto";
  dataset.theme = kept.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

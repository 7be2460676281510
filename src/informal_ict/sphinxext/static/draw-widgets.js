// Fetch what draws the widgets only on a page that has one, and only when the reader comes near it.
{
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const SCREENS_AHEAD = "100%";

  const loaded = (element) =>
    new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = reject;
      document.head.append(element);
    });

  let renderer = null;
  const fetchRenderer = () => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("_static/widgets/renderer.css", root).href;
    const script = document.createElement("script");
    script.src = new URL("_static/widgets/renderer.js", root).href;
    return Promise.all([loaded(style), loaded(script)]);
  };

  const draw = async (script) => {
    const place = script.parentElement;
    try {
      renderer ??= fetchRenderer();
      await renderer;
      await window.drawWidget(script);
    } catch (fault) {
      console.error(fault);
      renderer = null;
      const said = place.querySelector(".ict-widget-coming") ?? place.appendChild(document.createElement("p"));
      said.className = "ict-widget-coming";
      said.textContent = "This part could not be loaded. Load the page again, or read the same below, where it stands folded.";
    }
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        for (const script of target.querySelectorAll(':scope > script[type="application/vnd.jupyter.widget-view+json"]')) {
          draw(script);
        }
      }
    },
    { rootMargin: `${SCREENS_AHEAD} 0px` },
  );
  for (const script of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
    near.observe(script.parentElement);
  }
}

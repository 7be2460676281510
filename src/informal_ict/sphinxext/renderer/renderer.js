// Draws ipywidgets in a page without a kernel: what @jupyter-widgets/html-manager does, a third of its size.
// Left out are the older version 7 of the widgets, the output widget with its renderers, two icon fonts,
// and the sanitizer (see trusted-html.js). esbuild makes one script and one style sheet of it.

import "@lumino/widgets/style/widget.css";
import "@jupyter-widgets/controls/css/labvariables.css";
import "@jupyter-widgets/controls/css/widgets-base.css";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';

// Let the browser answer its reader. A slow phone needs half a second for all of this.
const pause = () => new Promise((resume) => setTimeout(resume));

// Each package is run in a step of its own, those before on which the later ones rest.
const PACKAGES = [
  () => require("jquery"),
  () => require("lodash/isEqual"),
  () => require("backbone"),
  () => require("@lumino/coreutils"),
  () => require("@lumino/commands"),
  () => require("@lumino/widgets"),
  () => require("@jupyter-widgets/base"),
  () => require("@jupyter-widgets/base-manager"),
  () => require("nouislider"),
  () => require("@jupyter-widgets/controls/lib/widget_selection"),
  () => require("@jupyter-widgets/controls"),
];

const makeManagerClass = async () => {
  for (const run of PACKAGES) {
    run();
    await pause();
  }
  const { ManagerBase } = require("@jupyter-widgets/base-manager");
  const modules = {
    "@jupyter-widgets/base": require("@jupyter-widgets/base"),
    "@jupyter-widgets/controls": require("@jupyter-widgets/controls"),
  };
  return class PageManager extends ManagerBase {
    async loadModelClass(...model) {
      await pause();
      return super.loadModelClass(...model);
    }

    async loadClass(name, module) {
      const found = modules[module]?.[name];
      if (!found) throw new Error(`The widget ${name} of ${module} cannot be drawn in this book`);
      return found;
    }

    // There is no kernel to talk to.
    async _get_comm_info() {
      return {};
    }

    async _create_comm() {
      return { on_close: () => {}, on_msg: () => {}, close: () => {} };
    }
  };
};

const managerClass = makeManagerClass();
const managers = new Map();

const managerOf = (modelId) => {
  for (const script of document.querySelectorAll(STATE)) {
    if (!managers.has(script)) {
      const state = JSON.parse(script.textContent);
      managers.set(script, { state, ready: null });
    }
    const known = managers.get(script);
    if (!(modelId in known.state.state)) continue;
    if (!known.ready) {
      known.ready = managerClass.then(async (PageManager) => {
        const manager = new PageManager();
        await manager.set_state(known.state);
        return manager;
      });
    }
    return known.ready;
  }
  throw new Error(`No state of the widget ${modelId} is in this page`);
};

// Draw the widget of one view script, before that script.
window.drawWidget = async (script) => {
  const { model_id: modelId } = JSON.parse(script.textContent);
  const manager = await managerOf(modelId);
  const view = await manager.create_view(await manager.get_model(modelId));
  const place = document.createElement("div");
  place.className = "widget-subarea";
  script.before(place);
  require("@lumino/widgets").Widget.attach(view.luminoWidget, place);
};

// In place of sanitize-html, which is as large as the widgets themselves. The widget manager would call it for
// a label that holds HTML (description_allow_html). No label of ours does, and all HTML here is our own.

export default () => {
  throw new Error("A label with HTML cannot be drawn in this book: put it in a widgets.HTML of its own");
};

// How pages are indexed and asked for; the index and the page that asks must agree.
import { stemmer } from "stemmer";

// Words of other people for the words of this book.
const SAID_OTHERWISE = { sms: "text", facebook: "friend", friending: "friend", google: "search", googling: "search", chatgpt: "chatbot" };
const STOP = new Set("a about an and are as at be by can do for from how i if in is it me my of on or should that the to what when which who why with you".split(" "));

// Nobody searches for a number of a table, and numbers are a tenth of the index. Years and headings keep theirs.
const NUMBER = /^(?!(19|20)\d\d$).*\d/;

const processTerm = (word, field) => {
  const lower = word.toLowerCase();
  const left = STOP.has(lower) || (field === "text" && NUMBER.test(lower));
  return left ? null : stemmer(SAID_OTHERWISE[lower] ?? lower);
};

export const OPTIONS = {
  fields: ["title", "headings", "description", "text"],
  storeFields: ["title", "description", "part"],
  processTerm,
  searchOptions: {
    boost: { title: 6, headings: 3, description: 3 },
    prefix: (term) => term.length > 3,
    fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    weights: { prefix: 0.4, fuzzy: 0.2 },
    processTerm: (word) => processTerm(word),
  },
};

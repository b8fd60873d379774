// The filter language of a comparison, read by hand and never evaluated as code.
// Grammar and meaning are those of compare_filter.py; tests/widgets/filter_cases.json holds both to it.

const FILTER_DEPTH = 50;
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf)$/i;
const TOKEN = /\s*(?:(`[^`]*`|"[^"]*"|'[^']*')|(<=|>=|!=|==|[<>=()])|([^\s<>=!()`"']+))/y;
const COMPARE = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

class FilterError extends Error {}

/** The number that `text` spells, or NaN. */
export function readNumber(text) {
  return NUMBER.test(text) ? Number(text.replace(/inf/i, "Infinity")) : NaN;
}

/**
 * The filter that `text` spells: `keep(row)` and a `problem` (a sentence, or ""). It never throws: with a
 * problem every row is kept. The first of `columns` holds the runs' names.
 */
export function readFilter(text, columns) {
  try {
    return { keep: new FilterReader(text, columns).read(), problem: "" };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { keep: () => true, problem: error.message };
  }
}

/** Columns by the names a filter may use: `lr`, or `params.lr` if a metric is called so. */
export function byReference(columns) {
  const found = new Map();
  const named = [...columns.slice(1), columns[0]];
  for (const full of [false, true]) {
    for (const column of named) {
      const name = full ? `${column.group}.${column.name}` : column.name;
      if (!found.has(name)) found.set(name, column);
    }
  }
  return found;
}

class FilterReader {
  constructor(text, columns) {
    this.tokens = splitFilter(text);
    this.at = 0;
    this.columns = byReference(columns);
    this.names = columns[0];
  }

  read() {
    if (!this.tokens.length) return () => true;
    const test = this.anyOf(0);
    if (this.at < this.tokens.length) throw new FilterError(`“${this.tokens[this.at].text}” is not expected here.`);
    return test;
  }

  anyOf(depth) {
    const tests = [this.eachOf(depth)];
    while (this.take("or")) tests.push(this.eachOf(depth));
    return (row) => tests.some((test) => test(row));
  }

  eachOf(depth) {
    const tests = [this.one(depth)];
    while (this.take("and") || this.startsOne()) tests.push(this.one(depth));
    return (row) => tests.every((test) => test(row));
  }

  one(depth) {
    if (depth > FILTER_DEPTH) throw new FilterError("There are too many brackets inside each other.");
    if (this.take("not")) {
      const test = this.one(depth + 1);
      return (row) => !test(row);
    }
    if (this.take("(")) {
      const test = this.anyOf(depth + 1);
      if (!this.take(")")) throw new FilterError("A closing bracket is missing.");
      return test;
    }
    const token = this.tokens[this.at];
    if (!token) throw new FilterError("The filter stops in the middle.");
    if (token.kind === "sign" || (token.kind === "word" && /^(and|or)$/i.test(token.text))) {
      throw new FilterError(`“${token.text}” is not expected here.`);
    }
    this.at += 1;
    const sign = [...Object.keys(COMPARE), "contains"].find((each) => this.take(each));
    return sign ? this.comparison(token.text, sign) : conditionOn(this.names, "contains", token.text);
  }

  comparison(name, sign) {
    const column = this.columns.get(name);
    if (!column) throw new FilterError(`No column is called “${name}”.${didYouMean(name, this.columns.keys())}`);
    const token = this.tokens[this.at];
    if (!token || token.kind === "sign") throw new FilterError(`A value is missing after “${sign}”.`);
    this.at += 1;
    return conditionOn(column, sign, token.text);
  }

  take(word) {
    const token = this.tokens[this.at];
    if (!token || token.kind === "quoted" || token.text.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  startsOne() {
    const token = this.tokens[this.at];
    if (!token) return false;
    return token.kind === "quoted" || token.text === "(" || (token.kind === "word" && !/^or$/i.test(token.text));
  }
}

function splitFilter(whole) {
  const text = whole.trim();
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) {
      const sign = text.slice(start).trimStart()[0];
      throw new FilterError("`\"'".includes(sign) ? `The quote ${sign} is not closed.` : `“${sign}” is not expected here.`);
    }
    const [, quoted, sign, word] = found;
    if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted.slice(1, -1) });
    else tokens.push(sign ? { kind: "sign", text: sign } : { kind: "word", text: word });
  }
  return tokens;
}

function conditionOn(column, sign, value) {
  if (column.words) {
    const kept = column.words.map((word) => wordMeets(word, sign, value));
    return (row) => column.codes[row] >= 0 && kept[column.codes[row]];
  }
  const number = readNumber(value);
  if (sign === "contains") throw new FilterError(`“${column.name}” holds numbers; contains is for text.`);
  if (Number.isNaN(number)) throw new FilterError(`“${column.name}” holds numbers, and “${value}” is none.`);
  const compare = COMPARE[sign];
  const limit = column.single ? Math.fround(number) : number; // a float32 is compared as one
  return (row) => !Number.isNaN(column.numbers[row]) && compare(column.numbers[row], limit);
}

function wordMeets(word, sign, value) {
  if (sign === "contains") return word.toLowerCase().includes(value.toLowerCase());
  const left = readNumber(word);
  const right = readNumber(value);
  if (!Number.isNaN(left) && !Number.isNaN(right)) return COMPARE[sign](left, right);
  if (!Number.isNaN(right) && /[<>]/.test(sign)) return false; // a text is neither above nor below a number
  return COMPARE[sign](word.toLowerCase(), value.toLowerCase());
}

function didYouMean(name, names) {
  const short = name.slice(0, 60);
  let nearest = "";
  let least = Math.ceil(short.length * 0.4) + 1;
  for (const each of names) {
    if (Math.abs(each.length - short.length) >= least) continue;
    const distance = editDistance(short.toLowerCase(), each.toLowerCase());
    if (distance < least) [nearest, least] = [each, distance];
  }
  return nearest ? ` Did you mean “${nearest}”?` : "";
}

// Levenshtein's distance, one row at a time.
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

// How names and figures read: short, on one line, and as what they are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cutMiddle } from "../../jupyter_mlops/widgets/dom.js";
import { changeText, pText, shareText, whyText } from "../../jupyter_mlops/widgets/drift_words.js";
import { figureText, plainText } from "../../jupyter_mlops/widgets/words.js";

test("a long name keeps both ends, and no emoji is split", () => {
  assert.equal(cutMiddle("abcdefghij", 10), "abcdefghij");
  assert.equal(cutMiddle("abcdefghijk", 10), "abcdef…ijk");
  for (const before of ["", "x", "xx"]) {
    const cut = cutMiddle(before + "🦊".repeat(50), 20);
    assert.ok(cut.isWellFormed(), cut);
    assert.ok(cut.length <= 20);
  }
});

test("a name is one line without what turns its direction or hides in it", () => {
  assert.equal(plainText("a\n\tb  c"), "a b c");
  assert.equal(plainText("\u202eevil\u2066"), "evil");
  assert.equal(plainText("👩\u200d🔬"), "👩\u200d🔬", "the joiner builds an emoji");
  assert.equal(plainText(""), "(blank)");
  assert.equal(plainText("\u202e"), "(blank)");
  assert.equal(plainText("<b>bold</b>"), "<b>bold</b>");
  const long = plainText(`start${"x".repeat(1_000_000)}end`, 40);
  assert.ok(long.length <= 40 && long.startsWith("start") && long.endsWith("end"), long);
});

test("figures have four digits, separators where they are large, and a dash where there is none", () => {
  assert.equal(figureText(0.123456), "0.1235");
  assert.equal(figureText(1234.5), "1,235");
  assert.equal(figureText(50_000), "50,000");
  assert.equal(figureText(1e-7), "1.00e-7");
  assert.equal(figureText(null), "–");
  assert.equal(figureText(0), "0");
});

test("a small share is not rounded to nothing", () => {
  assert.equal(shareText(0), "0 %");
  assert.equal(shareText(0.0004), "<0.1 %");
  assert.equal(shareText(0.123), "12.3 %");
  assert.equal(pText(0.0001), "<0.001");
  assert.equal(changeText(0.1, 0.2), "10.0 % → 20.0 %");
  assert.equal(changeText(0.1, 0.1), "10.0 %");
  assert.equal(changeText(null, null), "–");
});

test("a verdict says on which side of both limits the column is", () => {
  const row = { reason: "", effect_name: "PSI", limit: 0.2 };
  const why = (rest) => whyText({ ...row, ...rest }, { alpha: 0.05 });
  assert.equal(
    why({ effect: 0.4, p_adjusted: 0.001, verdict: "drift" }),
    "PSI 0.400 reaches its limit 0.2, and adjusted p (0.001) is below 0.05.",
  );
  assert.match(why({ effect: 0.4, p_adjusted: 0.3, verdict: "ok" }), /^PSI 0.400 reaches its limit 0.2, but .*not below/);
  assert.match(why({ effect: 0.15, p_adjusted: 0.01, verdict: "watch" }), /is over half its limit 0.2, and/);
  assert.match(why({ effect: 0.05, p_adjusted: 0.3, verdict: "ok" }), /is below its limit 0.2;/);
  assert.equal(why({ effect: null, reason: "the column is gone" }), "The column is gone.");
});

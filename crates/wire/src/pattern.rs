//! AWS's patterns: Java regular expressions that must match the whole value.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use schema::{FieldRules, Shape};

/// Whether a value matches a pattern of the model.
///
/// Patterns come from [`schema`] only; each is compiled once, when it is first asked for.
pub(crate) fn matches(pattern: &str, value: &str) -> bool {
    let slot = COMPILED.get(pattern).expect("every pattern is in the table of shapes");
    slot.get_or_init(|| Pattern::compile(pattern)).matches(value)
}

static COMPILED: LazyLock<BTreeMap<&'static str, OnceLock<Pattern>>> = LazyLock::new(|| {
    let mut patterns = BTreeMap::new();
    for operation in schema::all_operations() {
        collect_shape(&operation.request, &mut patterns);
    }
    patterns
});

fn collect_shape(shape: &'static Shape, patterns: &mut BTreeMap<&'static str, OnceLock<Pattern>>) {
    for field in &shape.fields {
        collect_rules(&field.rules, patterns);
        if let Some(member) = &field.member {
            collect_shape(member, patterns);
        }
    }
}

fn collect_rules(
    rules: &'static FieldRules,
    patterns: &mut BTreeMap<&'static str, OnceLock<Pattern>>,
) {
    if let Some(pattern) = &rules.pattern {
        patterns.entry(pattern).or_default();
    }
    for nested in [&rules.items, &rules.keys].into_iter().flatten() {
        collect_rules(nested, patterns);
    }
}

struct Pattern {
    regex: Regex,
    /// The one look-ahead AWS uses: no hyphen may follow a hyphen.
    no_double_hyphen: bool,
}

impl Pattern {
    /// Translates Java's dialect: `\w`, `\d` and `\s` mean ASCII there, and only there are look-aheads.
    fn compile(pattern: &str) -> Self {
        let no_double_hyphen = pattern.contains("-(?!-)");
        let translated = pattern
            .replace("-(?!-)", "-")
            .replace(r"\w", "[0-9A-Za-z_]")
            .replace(r"\d", "[0-9]")
            .replace(r"\s", r"[\t\n\x0B\x0C\r ]");
        let regex = Regex::new(&format!(r"\A(?:{translated})\z"))
            .expect("a test compiles every pattern of the model");
        Pattern { regex, no_double_hyphen }
    }

    fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value) && !(self.no_double_hyphen && value.contains("--"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let compiled = Pattern::compile(pattern);
        for value in good {
            assert!(compiled.matches(value), "{pattern} against {value:?}");
        }
        for value in bad {
            assert!(!compiled.matches(value), "{pattern} against {value:?}");
        }
    }

    #[test]
    fn every_pattern_of_the_model_compiles() {
        assert!(!COMPILED.is_empty());
        for pattern in COMPILED.keys() {
            matches(pattern, "x");
        }
    }

    #[test]
    fn words_are_ascii_and_matches_are_whole() {
        let good = ["a", "A_1", "=,.@-+"];
        check(r"[\w+=,.@-]+", &good, &["", "a b", "\u{e9}", "a\n", "\u{661}", "a/"]);
        check(r"[\w+=,.@-]*", &["", "a"], &["/"]);
        check(r"\d{12}", &["123456789012"], &["12345678901", "\u{661}23456789012"]);
        check(r"[:\w]+", &["a:b"], &["a-b"]);
        check(r"[^\s@]+@[^\s@]+", &["a@b", "\u{e9}@b"], &["a b@c", "a@b@c", "a\n@b", "a@"]);
    }

    #[test]
    fn tag_keys_are_unicode() {
        let pattern = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+";
        let good =
            ["a b", "\u{e9}t\u{e9}", "\u{6f22}\u{5b57}", "\u{661}", "\u{a0}\u{3000}", "a-b@c"];
        check(pattern, &good, &["", "a*", "a\tb", "\u{1f600}", "{}"]);
    }

    #[test]
    fn paths_and_text() {
        let path = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)";
        check(path, &["/", "/a/", "/a/b/", "///"], &["", "a", "//", "/a", "/a b/", "/\u{e9}/"]);
        let text = r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*";
        check(text, &["", "a\t\r\n\u{e9}"], &["\u{a0}", "\u{1}", "\u{2018}"]);
    }

    #[test]
    fn aliases_have_no_double_hyphen() {
        let alias = r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";
        let long = "a".repeat(64);
        check(alias, &["abc", "a-b-c", "0-0"], &["ab", "a--b", "-ab", "ab-", "Abc", &long]);
    }

    #[test]
    fn versions() {
        let version = r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?";
        check(version, &["v1", "v10", "v2.a-b", "v2."], &["v0", "1", "v", "v1.a.b"]);
    }
}

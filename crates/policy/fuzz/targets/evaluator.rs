//! The compiled engine decides what the naive evaluator decides.
//!
//! Bytes are choices: each takes one of a pool, or says how many follow. So every input is a case,
//! and a small change of it is a small change of the case.

use super::naive::{agree, case::Case, evaluate, glob, pools};
use policy::{decide, glob_matches};
use serde_json::{Map, Value, json};

/// Decides the case that the bytes choose in both ways.
pub fn run(data: &[u8]) {
    let mut choices = Choices(data);
    let case = choices.case();
    let (compiled, disagreement) = Case(case.clone()).ask(|request, policies| {
        (decide(request, policies).outcome.as_str(), agree::disagreement(request, policies))
    });
    assert_eq!(compiled, evaluate::decide(&case), "{case}");
    assert_eq!(disagreement, None, "{case}");
    let (pattern, text) = (choices.glob(), choices.glob());
    let naive = glob::matches_text(&glob::plain(&pattern), &text);
    assert_eq!(glob_matches(&pattern, &text), naive, "{pattern} on {text}");
}

struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    /// The next byte; zero when there is none.
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// True for one byte of so many.
    fn rarely(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    fn of<'p>(&mut self, pool: &[&'p str]) -> &'p str {
        pool[self.below(pool.len())]
    }

    /// One alone, or a list of up to three; every now and then made of pieces instead of the pool.
    fn some(&mut self, pool: &[&str], pieces: &[&str]) -> Value {
        match self.below(5) {
            0 => json!(self.of(pool)),
            1 => json!(self.pieces(pieces, 6)),
            count => {
                json!((1..count).map(|_| self.of(pool)).collect::<Vec<_>>())
            }
        }
    }

    fn pieces(&mut self, pool: &[&str], most: usize) -> String {
        let count = self.below(most);
        (0..count).map(|_| self.of(pool)).collect()
    }

    fn glob(&mut self) -> String {
        self.pieces(&["a", "b", "*", "?", "é", "ab", "aa", "a*"], 9)
    }

    fn case(&mut self) -> Value {
        let mut context = Map::new();
        for key in ["aws:username", "K", "list", "aws:principaltag/t"] {
            let value = match self.below(4) {
                0 => continue,
                1 => json!(self.of(&pools::VALUES)),
                2 if key == "list" => {
                    let count = self.below(3);
                    json!((0..count).map(|_| self.of(&pools::VALUES)).collect::<Vec<_>>())
                }
                _ => json!(self.pieces(&PIECES, 5)),
            };
            context.insert(key.into(), value);
        }
        let request = json!({
            "id": "fuzzed", "expect": "", "context": context,
            "principal": self.of(&pools::CALLERS), "action": self.of(&pools::ACTIONS),
            "resource": self.of(&pools::RESOURCES),
            "resourceAccount": self.of(&["111122223333", "444455556666"]),
        });
        let Value::Object(mut case) = request else { return request };
        for (key, most, of_resource) in [
            ("identityPolicies", 3, false),
            ("sessionPolicies", 2, false),
            ("resourcePolicy", 1, true),
            ("boundary", 1, false),
        ] {
            let mut listed = self.policies(most, of_resource);
            let value = match (key, listed.len()) {
                ("identityPolicies", _) => json!(listed),
                (_, 0) => Value::Null,
                ("sessionPolicies", _) => json!(listed),
                _ => listed.remove(0),
            };
            case.insert(key.into(), value);
        }
        for key in ["scps", "rcps"] {
            let levels = self.below(3);
            let levels: Vec<_> = (0..levels).map(|_| self.policies(2, false)).collect();
            let value = if levels.is_empty() { Value::Null } else { json!(levels) };
            case.insert(key.into(), value);
        }
        Value::Object(case)
    }

    fn policies(&mut self, most: usize, of_resource: bool) -> Vec<Value> {
        let count = self.below(most + 1);
        (0..count).map(|_| self.policy(of_resource)).collect()
    }

    fn policy(&mut self, of_resource: bool) -> Value {
        let version = if self.rarely(6) { "2008-10-17" } else { "2012-10-17" };
        let count = 1 + self.below(3);
        let statements: Vec<Value> = (0..count).map(|_| self.statement(of_resource)).collect();
        json!({"Version": version, "Statement": statements})
    }

    fn statement(&mut self, of_resource: bool) -> Value {
        let mut statement = Map::new();
        statement.insert("Effect".into(), json!(if self.rarely(4) { "Deny" } else { "Allow" }));
        let mut put = |name: &str, is_negated: bool, value: Value| {
            let not = if is_negated { "Not" } else { "" };
            statement.insert(format!("{not}{name}"), value);
        };
        let actions = match self.rarely(2) {
            true => json!("*"),
            false => self.some(&pools::ACTION_PATTERNS, &["s3", ":", "Get", "*", "?", "Object"]),
        };
        put("Action", self.rarely(6), actions);
        let resources = match self.rarely(2) {
            true => json!("*"),
            false => {
                let pieces = ["arn:aws:s3:::b/", "*", "?", "${aws:username}", "al", "ce", "/", ":"];
                self.some(&pools::RESOURCE_PATTERNS, &pieces)
            }
        };
        put("Resource", self.rarely(6), resources);
        put("Condition", false, self.condition());
        if of_resource {
            let principal = match self.below(4) {
                0 => json!("*"),
                1 => json!({"Service": "ec2.amazonaws.com"}),
                _ => json!({"AWS": self.some(&pools::NAMES, &["*"])}),
            };
            put("Principal", self.rarely(6), principal);
        }
        Value::Object(statement)
    }

    fn condition(&mut self) -> Value {
        let mut condition = Map::new();
        for _ in 0..self.below(3) {
            let (set, base) =
                (self.of(&["", "", "ForAllValues:", "forAnyValue:"]), self.of(&pools::OPERATORS));
            let suffix = if base != "Null" && self.rarely(5) { "IfExists" } else { "" };
            // Other operators read numbers, dates and the like, which pieces do not make.
            let pieces: &[&str] = match base.starts_with("String") {
                true => &PIECES,
                false => &["true"],
            };
            let (key, values) = (self.of(&pools::KEYS), self.some(&pools::VALUES, pieces));
            condition.insert(format!("{set}{base}{suffix}"), json!({ key: values }));
        }
        Value::Object(condition)
    }
}

/// What texts are made of: stars and variables at every place.
const PIECES: [&str; 10] =
    ["a", "al", "ce", "*", "?", "é", "${aws:username}", "${k}", "${none, 'al'}", "${*}"];

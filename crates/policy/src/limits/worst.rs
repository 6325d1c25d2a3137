//! The worst documents within each limit, each with the worst request for it.
//!
//! Shared by the tests of this module, which count steps, and by `benches/limits`, which takes the
//! time: hence no types of the crate.

use alloc::{format, string::String, vec, vec::Vec};

/// A policy for an identity, and a request that makes deciding with it as long as can be.
pub struct Worst {
    pub name: &'static str,
    /// The most steps that one decision may take.
    pub most_steps: usize,
    pub document: String,
    pub action: String,
    pub resource: String,
    /// Context keys with their values; several are a list.
    pub context: Vec<(&'static str, Vec<String>)>,
}

/// What the makers of requests let through, and how large policies are.
pub struct Limits {
    pub policy: usize,
    pub text: usize,
    pub values: usize,
    pub values_text: usize,
}

impl Limits {
    /// `a` as often as a text is long.
    fn long(&self) -> String {
        "a".repeat(self.text)
    }

    /// An ARN as long as can be.
    fn resource(&self, end: &str) -> String {
        let start = "arn:aws:s3:::";
        format!("{start}{}{end}", "a".repeat(self.text - start.len() - end.len()))
    }

    /// As many values as can be, as long as can be.
    fn list(&self, count: usize) -> Vec<String> {
        vec!["a".repeat((self.values_text / count).min(self.text)); count]
    }

    /// A document with as many items as fit.
    fn fill(&self, before: &str, item: &str, after: &str) -> String {
        let (start, end) = (r#"{"Version":"2012-10-17","Statement":"#, "}");
        let room = self.policy - start.len() - before.len() - after.len() - end.len();
        let items = vec![item; (room + 1) / (item.len() + 1)];
        format!("{start}{before}{}{after}{end}", items.join(","))
    }

    fn resources(&self, pattern: &str) -> String {
        let before = r#"{"Effect":"Allow","Action":"*","Resource":["#;
        self.fill(before, &format!(r#""arn:aws:s3:::{pattern}""#), "]}")
    }

    fn conditions(&self, operator: &str, value: &str) -> String {
        let head = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":"#;
        let before = format!(r#"{head}{{"ForAnyValue:{operator}":{{"k":["#);
        self.fill(&before, value, "]}}}")
    }
}

/// Every limit's worst.
pub fn all(limits: &Limits) -> Vec<Worst> {
    let of = |name, most_steps, document| Worst {
        name,
        most_steps,
        document,
        action: format!("s3:{}", "a".repeat(125)),
        resource: limits.resource(""),
        context: Vec::new(),
    };
    let with = |worst: Worst, key: &'static str, values: Vec<String>| {
        let mut context = worst.context;
        context.push((key, values));
        Worst { context, ..worst }
    };
    let long_part = "a".repeat(limits.text / 2);
    let (few, many) = (limits.values_text / limits.text, limits.values);
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::*a*b"}"#;
    let like = |name, most_steps, value: &str, count| {
        with(of(name, most_steps, limits.conditions("StringLike", value)), "k", limits.list(count))
    };
    let arn_like = |name, most_steps, value: &str, count| {
        let list = vec![":::::a".into(); count];
        with(of(name, most_steps, limits.conditions("ArnLike", value)), "k", list)
    };
    let variable = |worst, length| with(worst, "v", vec!["a".repeat(length)]);
    let actions = r#"{"Effect":"Allow","Resource":"*","Action":["#;
    vec![
        of("statements", 700_000, limits.fill("[", deny, "]")),
        of("actions", 300_000, limits.fill(actions, r#""s3:*a*b""#, "]}")),
        of("actions, any service", 330_000, limits.fill(actions, r#""*:*a*b""#, "]}")),
        of("resources, short parts", 2_200_000, limits.resources("*a*b")),
        of(
            "resources, parts of 31",
            1_800_000,
            limits.resources(&format!("*{}b*", "a".repeat(30))),
        ),
        of(
            "resources, parts of 33",
            1_700_000,
            limits.resources(&format!("*{}b*", "a".repeat(32))),
        ),
        of("resources, long parts", 100_000, limits.resources(&format!("*{long_part}b*c"))),
        of("resources, a ? in long parts", 250_000, limits.resources(&format!("*{long_part}?b*"))),
        of("resources, stars", 30_000, limits.resources(&("a*".repeat(limits.text / 2 - 1) + "b"))),
        variable(
            of("resources, variables", 5_000_000, limits.resources("*${v}b*")),
            limits.text / 2,
        ),
        variable(
            of("resources, a ? and variables", 11_000_000, limits.resources("*${v}?b*")),
            limits.text / 2,
        ),
        variable(of("resources, long values", 2_100, limits.resources("${v}")), limits.text),
        of(
            "resources, many ?",
            42_000_000,
            limits.resources(&format!("*{}b*", "a?".repeat(limits.text / 4))),
        ),
        like(
            "values, many ?",
            170_000_000,
            &format!(r#""*{}b*""#, "a?".repeat(limits.text / 4)),
            few,
        ),
        like("values, few", 26_000_000, r#""*a*b""#, few),
        like("values, many", 26_000_000, r#""*a*b""#, many),
        like("values, long parts", 250_000, &format!(r#""*{long_part}b*""#), few),
        variable(like("values, variables", 54_000_000, r#""*${v}b*""#, few), limits.text / 2),
        variable(
            like("values, a ? and variables", 96_000_000, r#""*${v}?b*""#, few),
            limits.text / 2,
        ),
        variable(
            like("values, many variables", 1_100, &format!(r#""{}""#, "${v}".repeat(500)), many),
            limits.text,
        ),
        with(
            of("values, folded", 540_000, limits.conditions("StringEqualsIgnoreCase", r#""b""#)),
            "k",
            limits.list(many),
        ),
        arn_like("ARNs, stars", 1_600_000, r#"":::::*a*b""#, many),
        variable(arn_like("ARNs, variables", 40_000_000, r#""${v}""#, many), limits.text),
        with(
            of("numbers", 1_100_000, limits.conditions("NumericEquals", "1")),
            "k",
            vec!["2".repeat(20); many],
        ),
        with(
            of("dates", 1_100_000, limits.conditions("DateEquals", "1")),
            "k",
            vec!["2026-01-13T03:33:37Z".into(); many],
        ),
        with(
            of("addresses", 310_000, limits.conditions("IpAddress", r#""::/1""#)),
            "k",
            vec!["ffff::1".into(); many],
        ),
        with(
            of("binaries", 720_000, limits.conditions("BinaryEquals", r#""""#)),
            "k",
            vec!["aaaa".repeat(20); many],
        ),
        with(
            of("one long value", 5_500, limits.conditions("StringEquals", r#""b""#)),
            "k",
            vec![limits.long()],
        ),
    ]
}

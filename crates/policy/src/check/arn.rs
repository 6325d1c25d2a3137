//! ARNs field by field.
//!
//! Source: AWS General Reference, "Amazon Resource Names (ARNs)".

use super::{issue, report::Report, tree::Word};
use crate::principal::is_partition;
use alloc::format;

/// An ARN, or the beginning of one.
pub(super) struct Arn<'a> {
    pub partition: Field<'a>,
    pub service: Option<Field<'a>>,
    pub region: Option<Field<'a>>,
    pub account: Option<Field<'a>>,
    pub rest: Option<Field<'a>>,
}

/// A field and where it begins in the text.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Arn<'a> {
    /// Takes a text that begins with `arn:` apart.
    pub(super) fn split(text: &'a str) -> Option<Self> {
        let mut at = "arn:".len();
        let mut fields = text.strip_prefix("arn:")?.splitn(5, ':').map(|text| {
            let field = Field { text, at };
            at += text.len() + 1;
            field
        });
        Some(Arn {
            partition: fields.next()?,
            service: fields.next(),
            region: fields.next(),
            account: fields.next(),
            rest: fields.next(),
        })
    }

    /// Where the last field begins; the length of a text that has none.
    pub(super) fn head_length(&self, text: &str) -> usize {
        self.rest.map_or(text.len(), |rest| rest.at)
    }
}

impl Field<'_> {
    pub(super) fn in_word(&self, word: &Word<'_>) -> crate::Span {
        word.part(self.at, self.at + self.text.len())
    }
}

/// Checks partition and service.
pub(super) fn check_head(arn: &Arn<'_>, word: &Word<'_>, report: &mut Report) {
    let partition = arn.partition;
    if partition.text != "*" && !is_partition(partition.text) {
        let details = format!(
            "There is no partition \"{}\". Use aws, or another one whose name begins with aws-.",
            partition.text
        );
        report.add(issue::INVALID_PARTITION, [partition.in_word(word)], details);
    }
    let Some(service) = arn.service else { return };
    let name = service.text;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"*?-_.".contains(&byte);
    let is_pattern = name.contains(['*', '?']) && !word.text.ends_with(name);
    if name.is_empty() || is_pattern || !name.bytes().all(is_allowed) {
        let details =
            format!("\"{name}\" is the name of no service. Write it out, without wildcards.");
        report.add(issue::INVALID_SERVICE, [service.in_word(word)], details);
    } else if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let lower = name.to_ascii_lowercase();
        let details = format!("The service of an ARN is written in small letters: {lower}.");
        report.add(issue::INVALID_ARN_SERVICE_CASE, [service.in_word(word)], details);
    }
}

/// Checks that an account is twelve digits, nothing, or has a wildcard.
pub(super) fn check_account(account: Field<'_>, word: &Word<'_>, report: &mut Report) {
    let text = account.text;
    let is_number = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    // AWS's own resources and identities have these in place of a number.
    let is_named = matches!(text, "" | "aws" | "cloudfront");
    let is_pattern = text.contains(['*', '?'])
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"*?".contains(&byte));
    if !is_number && !is_named && !is_pattern {
        let details = format!("\"{text}\" is no account. Write its twelve digits.");
        report.add(issue::INVALID_ARN_ACCOUNT, [account.in_word(word)], details);
    }
}

/// Tells of an ARN that ends before its last field.
pub(super) fn missing_field(word: &Word<'_>, report: &mut Report) {
    let details = "An ARN has six fields: arn:partition:service:region:account:resource. Add those \
                   that lack; they may be empty.";
    report.add(issue::MISSING_ARN_FIELD, [word.span.clone()], details);
}

/// Tells of a text that does not begin with `arn:`.
pub(super) fn missing_prefix(word: &Word<'_>, report: &mut Report) {
    let details = format!("\"{}\" is no ARN, which begins with arn:, and not \"*\".", word.text);
    report.add(issue::INVALID_ARN_PREFIX, [word.span.clone()], details);
}

/// Whether a text reads like the name of a region, perhaps with wildcards. New regions come up, so
/// that none is refused for being unknown.
pub(super) fn is_region(text: &str) -> bool {
    if text.contains(['*', '?']) {
        let is_allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-*?".contains(&b);
        return text.bytes().all(is_allowed);
    }
    let mut parts = text.rsplitn(2, '-');
    let (number, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let is_number = matches!(number.as_bytes(), [b'1'..=b'9']) || text == "aws-global";
    let is_name = |part: &str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_lowercase());
    is_number
        && (text == "aws-global" || rest.split('-').count() >= 2 && rest.split('-').all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_regions() {
        for text in ["us-east-1", "us-gov-west-1", "ap-southeast-7", "eu-*", "*", "aws-global"] {
            assert!(is_region(text), "{text}");
        }
        for text in ["", "us-east", "useast-1", "region", "US-EAST-1", "us-east-1a", "<REGION>*"] {
            assert!(!is_region(text), "{text}");
        }
    }
}

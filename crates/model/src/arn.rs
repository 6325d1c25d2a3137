//! Amazon Resource Names of IAM and STS things.
//!
//! Source: IAM User Guide, "IAM identifiers", "IAM ARNs".

use crate::{AWS_ACCOUNT, v1};

/// The partition of every ARN we make.
pub const PARTITION: &str = "aws";

/// How the ARNs of IAM begin, before the account.
const IAM: &str = "arn:aws:iam::";

/// An IAM ARN: `arn:aws:iam::ACCOUNT:TYPE/PATH…/NAME`, `path` with both its slashes.
pub fn iam(account_id: &str, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{PARTITION}:iam::{account_id}:{kind}{path}{name}")
}

/// The ARN of an account's root user.
pub fn root(account_id: &str) -> String {
    format!("arn:{PARTITION}:iam::{account_id}:root")
}

/// The ARN of a role's session; a session has the role's name without its path.
pub fn assumed_role(account_id: &str, role_name: &str, session_name: &str) -> String {
    format!("arn:{PARTITION}:sts::{account_id}:assumed-role/{role_name}/{session_name}")
}

/// An entity that has an ARN made of its account, path and name.
pub trait HasArn {
    /// The entity's ARN.
    fn arn(&self) -> String;

    /// Whether that is its ARN.
    fn has_arn(&self, arn: &str) -> bool;
}

macro_rules! has_arn {
    ($type:ident, $kind:literal) => {
        impl HasArn for v1::$type {
            fn arn(&self) -> String {
                iam(&self.account_id, $kind, &self.path, &self.name)
            }

            fn has_arn(&self, arn: &str) -> bool {
                let parts = [IAM, &self.account_id, ":", $kind, &self.path, &self.name];
                let mut rest = Some(arn);
                for part in parts {
                    rest = rest.and_then(|rest| rest.strip_prefix(part));
                }
                rest == Some("")
            }
        }
    };
}

has_arn!(User, "user");
has_arn!(Group, "group");
has_arn!(Role, "role");
has_arn!(ManagedPolicy, "policy");
has_arn!(InstanceProfile, "instance-profile");

/// An ARN taken apart at its first five colons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parts<'a> {
    /// `aws`
    pub partition: &'a str,
    /// `iam`, `sts`, …
    pub service: &'a str,
    /// Empty for IAM.
    pub region: &'a str,
    /// Twelve digits, or `aws`.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub rest: &'a str,
}

/// Takes an ARN apart; `None` when it has fewer than six segments or does not begin with `arn`.
pub fn parse(arn: &str) -> Option<Parts<'_>> {
    let mut rest = arn.strip_prefix("arn:")?;
    // Parts are short: counting on byte by byte costs less than a search for each.
    let mut next = || {
        let colon = rest.bytes().position(|byte| byte == b':')?;
        let part;
        (part, rest) = (&rest[..colon], &rest[colon + 1..]);
        Some(part)
    };
    let (partition, service, region, account) = (next()?, next()?, next()?, next()?);
    Some(Parts { partition, service, region, account, rest })
}

/// The account and the name of a managed policy's ARN, when it is one in form.
pub fn managed_policy(arn: &str) -> Option<(&str, &str)> {
    let parts = parse(arn)?;
    let path = parts.rest.strip_prefix("policy/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let known = parts.partition == PARTITION && parts.service == "iam" && parts.region.is_empty();
    (known && is_account(parts.account)).then_some((parts.account, name))
}

/// Twelve digits, or the account of the AWS-named policies.
pub fn is_account(text: &str) -> bool {
    text == AWS_ACCOUNT || are_twelve_digits(text.as_bytes())
}

/// Told by two words, of which the last overlaps the first.
fn are_twelve_digits(bytes: &[u8]) -> bool {
    let each = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let are_digits = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        let is_third_row = |word: u64| word & each(0xf0) == each(0x30);
        // Six more than a digit is in the same row; what would carry into the next byte is in none.
        is_third_row(word) && is_third_row(word + each(6))
    };
    let ends = bytes.first_chunk().zip(bytes.last_chunk());
    bytes.len() == 12 && ends.is_some_and(|(first, last)| are_digits(first) && are_digits(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_made_and_taken_apart() {
        assert_eq!(iam("1", "user", "/a/", "b"), "arn:aws:iam::1:user/a/b");
        let arn = "arn:aws:iam::123456789012:policy/p/q/Name";
        assert_eq!(managed_policy(arn), Some(("123456789012", "Name")));
        assert_eq!(
            managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess"),
            Some(("aws", "ReadOnlyAccess"))
        );
        for wrong in
            ["x", "arn:aws:iam::12:policy/x", "arn:aws:s3:::policy/x", "arn:aws:iam::aws:policy/"]
        {
            assert_eq!(managed_policy(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn accounts_have_twelve_digits() {
        assert!(is_account("012345678901") && is_account("999999999999") && is_account("aws"));
        for wrong in ["", "1", "12345678", "1234567890123", "12345678901\u{e9}", "aws1"] {
            assert!(!is_account(wrong), "{wrong}");
        }
        for (at, byte) in (0..12).flat_map(|at| (0..128).map(move |byte| (at, byte))) {
            let mut text = *b"000000999999";
            text[at] = byte;
            let text = str::from_utf8(&text).expect("ASCII");
            assert_eq!(is_account(text), byte.is_ascii_digit(), "{text:?}");
        }
    }

    #[test]
    fn an_entity_knows_its_arn() {
        let text = |text: &str| text.to_owned();
        let (account_id, path, name) = (text("123456789012"), text("/a/"), text("b"));
        let user = v1::User { account_id, path, name, ..Default::default() };
        let arn = user.arn();
        assert!(user.has_arn(&arn));
        for at in 0..arn.len() {
            assert!(!user.has_arn(&arn[..at]) && !user.has_arn(&arn[at + 1..]));
            assert!(!user.has_arn(&(text(&arn[..at]) + "x" + &arn[at..])));
        }
        assert!(!user.has_arn(&(arn + "x")));
    }
}

//! What is known of services: the actions and condition keys of IAM and STS, and the global keys.
//!
//! Source: Service Authorization Reference: IAM, STS; IAM User Guide, "AWS global condition context
//! keys".

mod global;
mod iam;
mod near;
mod sts;

use super::condition::split_key;
use crate::{
    KnownKey,
    context::KNOWN,
    glob::{encode, matches_folded},
};
use alloc::{string::String, vec::Vec};

/// A condition key.
#[derive(Debug)]
pub(super) struct Key {
    /// As AWS spells it; one that ends in `/` is followed by a name, such as a tag's.
    pub name: &'static str,
    pub value: ValueType,
    /// Whether a request may have several values of it.
    pub is_list: bool,
    /// The actions whose requests may have it; empty where that is not looked at.
    pub actions: &'static [&'static str],
}

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    String,
    Arn,
    Bool,
    Date,
    /// Seconds since 1970: a number and a date.
    Epoch,
    Numeric,
    Ip,
    /// Not written down.
    Any,
}

const fn one(name: &'static str, value: ValueType) -> Key {
    Key { name, value, is_list: false, actions: &[] }
}

const fn list(name: &'static str, value: ValueType) -> Key {
    Key { name, value, is_list: true, actions: &[] }
}

const fn only(name: &'static str, value: ValueType, actions: &'static [&'static str]) -> Key {
    Key { name, value, is_list: false, actions }
}

struct Service {
    prefix: &'static str,
    actions: &'static [&'static str],
    keys: &'static [Key],
}

const SERVICES: [Service; 2] = [iam::SERVICE, sts::SERVICE];

fn service(prefix: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.prefix.eq_ignore_ascii_case(prefix))
}

/// Whether the service of an action has it; `None` for services that are not known here.
///
/// Names are taken without regard to the case of their letters (IAM policy elements: Action).
pub fn knows_action(action: &str) -> Option<bool> {
    let (prefix, name) = action.split_once(':')?;
    let actions = service(prefix)?.actions;
    Some(actions.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Whether requests of an action may have a condition key; of keys that many actions have that is not looked at.
pub fn may_have_key(action: &str, key_name: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    match key(key_name) {
        Known::Key(key) => {
            key.actions.is_empty()
                || key.actions.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
        Known::No | Known::Unknown => true,
    }
}

/// Whether a pattern of actions covers any; `None` for services that are not known here.
pub(super) fn covered(pattern: &str) -> Option<bool> {
    let (prefix, name) = pattern.split_once(':')?;
    let service = service(prefix)?;
    let glob: Vec<u8> = encode(&name.to_ascii_lowercase());
    Some(service.actions.iter().any(|known| matches_folded(&glob, known.as_bytes())))
}

/// The action of the same service whose name is most like this one, if any is much like it.
pub(super) fn nearest_action(action: &str) -> Option<&'static str> {
    let (prefix, name) = action.split_once(':')?;
    near::nearest(name, service(prefix)?.actions)
}

/// What is known of a condition key.
#[derive(Debug)]
pub(super) enum Known {
    Key(&'static Key),
    /// Its prefix is known and has no such key.
    No,
    /// Its prefix is not known here.
    Unknown,
}

const ALL_KEYS: [&[Key]; 3] = [global::KEYS, SERVICES[0].keys, SERVICES[1].keys];

/// What is known of the keys that policies name often.
const OFTEN: [Option<&Key>; KNOWN.len()] = often();

const fn often() -> [Option<&'static Key>; KNOWN.len()] {
    let mut often = [None; KNOWN.len()];
    let mut place = 0;
    while place < KNOWN.len() {
        let mut all = ALL_KEYS.as_slice();
        while let [keys, others @ ..] = all {
            let mut at = 0;
            while at < keys.len() {
                if keys[at].name.eq_ignore_ascii_case(KNOWN[place]) {
                    often[place] = Some(&keys[at]);
                }
                at += 1;
            }
            all = others;
        }
        place += 1;
    }
    often
}

/// The keys that are followed by a name. There is no end of those names, so they are looked for first.
const FAMILIES: [&Key; FAMILY_COUNT] = families();
const FAMILY_COUNT: usize = {
    let (mut count, mut all) = (0, ALL_KEYS.as_slice());
    while let [keys, others @ ..] = all {
        let mut at = 0;
        while at < keys.len() {
            count += keys[at].is_family() as usize;
            at += 1;
        }
        all = others;
    }
    count
};

const fn families() -> [&'static Key; FAMILY_COUNT] {
    let mut families = [&global::KEYS[0]; FAMILY_COUNT];
    let (mut count, mut all) = (0, ALL_KEYS.as_slice());
    while let [keys, others @ ..] = all {
        let mut at = 0;
        while at < keys.len() {
            if keys[at].is_family() {
                families[count] = &keys[at];
                count += 1;
            }
            at += 1;
        }
        all = others;
    }
    families
}

/// What is known of a key that policies name often.
pub(super) fn often_named(key: KnownKey) -> Option<&'static Key> {
    OFTEN[key.place()]
}

/// Looks a condition key up, without regard to the case of its letters.
pub(super) fn key(name: &str) -> Known {
    match KnownKey::of(name).and_then(often_named) {
        Some(key) => Known::Key(key),
        None => rare_key(name),
    }
}

/// The same of a key that is not named often.
pub(super) fn rare_key(name: &str) -> Known {
    let stem = name.bytes().position(|byte| byte == b'/').unwrap_or(name.len());
    if let Some(family) = FAMILIES.into_iter().find(|family| family.is_named(name, stem)) {
        return Known::Key(family);
    }
    let Some((prefix, _)) = split_key(name) else { return Known::Unknown };
    let keys = if prefix.eq_ignore_ascii_case("aws") {
        global::KEYS
    } else if let Some(service) = service(prefix) {
        service.keys
    } else {
        return Known::Unknown;
    };
    keys.iter().find(|key| key.is_named(name, stem)).map_or(Known::No, Known::Key)
}

/// The key whose name is most like this one, if any is much like it.
pub(super) fn nearest_key(name: &str) -> Option<String> {
    let (prefix, rest) = split_key(name)?;
    let keys = match service(prefix) {
        Some(service) => service.keys,
        None => global::KEYS,
    };
    let names: Vec<&str> =
        keys.iter().filter_map(|key| key.name.split_once(':')).map(|n| n.1).collect();
    near::nearest(rest, &names).map(|near| alloc::format!("{}:{near}", prefix.to_ascii_lowercase()))
}

impl Key {
    const fn is_family(&self) -> bool {
        matches!(self.name.as_bytes(), [.., b'/'])
    }

    /// Whether a name, whose first slash is at `stem` if it has one, means this key.
    fn is_named(&self, name: &str, stem: usize) -> bool {
        match self.name.strip_suffix('/') {
            Some(own) => own.len() == stem && own.eq_ignore_ascii_case(&name[..stem]),
            None => self.name.eq_ignore_ascii_case(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_actions() {
        assert_eq!(knows_action("iam:createUSER"), Some(true));
        assert_eq!(knows_action("iam:PassRole"), Some(true));
        assert_eq!(knows_action("sts:Dance"), Some(false));
        assert_eq!(knows_action("s3:GetObject"), None);
        assert_eq!(covered("iam:*AccessKey*"), Some(true));
        assert_eq!(covered("iam:x*"), Some(false));
        assert_eq!(nearest_action("iam:CreatUser"), Some("CreateUser"));
        assert_eq!(nearest_action("iam:xyz"), None);
    }

    #[test]
    fn knows_keys() {
        let Known::Key(tag) = key("AWS:principaltag/Team") else { panic!("a key") };
        assert_eq!(tag.name, "aws:PrincipalTag/");
        assert!(matches!(key("aws:PrincipalTags/x"), Known::No));
        assert!(matches!(key("iam:policyarn"), Known::Key(_)));
        assert!(matches!(key("sts:Nothing"), Known::No));
        assert!(matches!(key("ec2:Region"), Known::Unknown));
        assert_eq!(nearest_key("aws:SourceIP4").as_deref(), Some("aws:SourceIp"));
        assert!(may_have_key("iam:putuserpolicy", "iam:PermissionsBoundary"));
        assert!(!may_have_key("iam:GetUser", "iam:permissionsboundary"));
        assert!(may_have_key("iam:GetUser", "iam:ResourceTag/team"));
    }
}

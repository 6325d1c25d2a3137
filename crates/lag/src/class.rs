//! The classes of changes, which a plan may delay each in its own way.

use std::fmt;
use std::str::FromStr;

use model::v1::{Change, change, entity, entity_key};

/// What a change is about. AWS, too, spreads these by ways of their own.
///
/// Sessions are no class: they live in their tokens, no change is theirs, and they are honoured once the revision they
/// were issued from is visible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Accounts, and the cell itself.
    Account,
    /// Access keys and operator keys.
    Credential,
    /// Users, groups, roles and instance profiles, with their inline policies and attachments.
    Identity,
    /// Managed policies.
    Policy,
}

impl Class {
    /// All classes. An account comes before what it holds.
    pub const ALL: [Class; 4] = [Class::Account, Class::Credential, Class::Identity, Class::Policy];

    /// The class of a change, by the table that it touches; `None` for a change of unknown kind.
    pub fn of(change: &Change) -> Option<Class> {
        use entity::Kind as Put;
        use entity_key::Kind as Key;
        match change.kind.as_ref()? {
            change::Kind::Put(entity) => Some(match entity.kind.as_ref()? {
                Put::Cell(_) | Put::Account(_) => Class::Account,
                Put::OperatorKey(_) | Put::AccessKey(_) => Class::Credential,
                Put::User(_) | Put::Group(_) | Put::Role(_) | Put::InstanceProfile(_) => {
                    Class::Identity
                }
                Put::ManagedPolicy(_) => Class::Policy,
            }),
            change::Kind::Delete(key) => match key.kind() {
                Key::Unspecified => None,
                Key::Cell | Key::Account => Some(Class::Account),
                Key::OperatorKey | Key::AccessKey => Some(Class::Credential),
                Key::User | Key::Group | Key::Role | Key::InstanceProfile => Some(Class::Identity),
                Key::ManagedPolicy => Some(Class::Policy),
            },
        }
    }

    /// The account that a change of an account's entity is in; `None` for accounts themselves and what the cell owns.
    pub(crate) fn account_of(change: &Change) -> Option<&str> {
        use entity::Kind as Put;
        let id = match change.kind.as_ref()? {
            change::Kind::Put(entity) => match entity.kind.as_ref()? {
                Put::Cell(_) | Put::Account(_) | Put::OperatorKey(_) => return None,
                Put::AccessKey(key) => &key.account_id,
                Put::User(user) => &user.account_id,
                Put::Group(group) => &group.account_id,
                Put::Role(role) => &role.account_id,
                Put::InstanceProfile(profile) => &profile.account_id,
                Put::ManagedPolicy(policy) => &policy.account_id,
            },
            change::Kind::Delete(key) => &key.account_id,
        };
        (!id.is_empty()).then_some(id.as_str())
    }

    /// The class's name in plans.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Account => "account",
            Class::Credential => "credential",
            Class::Identity => "identity",
            Class::Policy => "policy",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Class {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Class::ALL.into_iter().find(|class| class.as_str() == text).ok_or(())
    }
}

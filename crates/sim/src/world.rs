//! The tiny model: users by name, with what hangs on them. Written for the checkers, and owing nothing to the product.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Keys that a user may have.
const KEYS_MAX: usize = 2;

/// What a client asks to be changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(tag = "op", content = "args", rename_all = "kebab-case")]
pub enum Write {
    /// A user is made.
    Create {
        /// Its name.
        name: String,
        /// Its path; no two writes of a run have the same.
        path: String,
    },
    /// A user gets another path.
    Move {
        /// Its name.
        name: String,
        /// The path.
        path: String,
    },
    /// A user gets another name.
    Rename {
        /// Its name.
        name: String,
        /// The new one.
        to: String,
    },
    /// A user on whom nothing hangs is taken out.
    Delete {
        /// Its name.
        name: String,
    },
    /// A user gets a tag, in place of one of the same key.
    Tag {
        /// Its name.
        name: String,
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: String,
    },
    /// A user loses a tag, if it has it.
    Untag {
        /// Its name.
        name: String,
        /// The tag's key.
        key: String,
    },
    /// A managed policy, which exists, is attached to a user.
    Attach {
        /// The user's name.
        name: String,
        /// The policy's name.
        policy: String,
    },
    /// A managed policy is detached.
    Detach {
        /// The user's name.
        name: String,
        /// The policy's name.
        policy: String,
    },
    /// A user gets an access key.
    AddKey {
        /// The user's name.
        name: String,
        /// What the key is called here, whatever its id; no two writes of a run have the same.
        mark: String,
    },
    /// An access key is deleted.
    DropKey {
        /// The user's name.
        name: String,
        /// What the key is called here.
        mark: String,
    },
}

impl Write {
    /// The user it is about.
    pub fn name(&self) -> &str {
        match self {
            Write::Create { name, .. }
            | Write::Move { name, .. }
            | Write::Rename { name, .. }
            | Write::Delete { name }
            | Write::Tag { name, .. }
            | Write::Untag { name, .. }
            | Write::Attach { name, .. }
            | Write::Detach { name, .. }
            | Write::AddKey { name, .. }
            | Write::DropKey { name, .. } => name,
        }
    }
}

/// What a client asks to be told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(tag = "op", content = "args", rename_all = "kebab-case")]
pub enum Question {
    /// One user.
    Get(String),
    /// All of them.
    List,
    /// A user's tags.
    Tags(String),
    /// The policies attached to a user.
    Attached(String),
    /// How many keys a user has.
    Keys(String),
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It was done.
    Done,
    /// A user's path.
    User(String),
    /// Names and paths.
    Users(BTreeMap<String, String>),
    /// Keys and values.
    Tags(BTreeMap<String, String>),
    /// Names of policies.
    Policies(BTreeSet<String>),
    /// A number.
    Count(usize),
    /// An error code.
    Fault(String),
}

/// The users at one revision.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct World(BTreeMap<String, User>);

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
struct User {
    path: String,
    tags: BTreeMap<String, String>,
    policies: BTreeSet<String>,
    keys: BTreeSet<String>,
}

impl World {
    /// Makes a change; gives what the product should answer.
    pub fn write(&mut self, write: &Write) -> Said {
        match write {
            Write::Create { name, path } => self.create(name, path),
            Write::Rename { name, to } => self.rename(name, to),
            Write::Delete { name } => self.delete(name),
            _ => match self.0.get_mut(write.name()) {
                None => missing(),
                Some(user) => user.change(write),
            },
        }
    }

    fn create(&mut self, name: &str, path: &str) -> Said {
        if self.0.contains_key(name) {
            return exists();
        }
        let user = User { path: path.to_owned(), ..User::default() };
        self.0.insert(name.to_owned(), user);
        Said::User(path.to_owned())
    }

    fn rename(&mut self, name: &str, to: &str) -> Said {
        if !self.0.contains_key(name) {
            return missing();
        }
        if name != to && self.0.contains_key(to) {
            return exists();
        }
        let user = self.0.remove(name).unwrap_or_default();
        self.0.insert(to.to_owned(), user);
        Said::Done
    }

    fn delete(&mut self, name: &str) -> Said {
        match self.0.get(name) {
            None => missing(),
            Some(user) if !user.policies.is_empty() || !user.keys.is_empty() => {
                Said::Fault("DeleteConflict".to_owned())
            }
            Some(_) => {
                self.0.remove(name);
                Said::Done
            }
        }
    }

    /// What the product should answer.
    pub fn read(&self, question: &Question) -> Said {
        let of =
            |name: &String, said: fn(&User) -> Said| self.0.get(name).map_or_else(missing, said);
        match question {
            Question::Get(name) => of(name, |user| Said::User(user.path.clone())),
            Question::Tags(name) => of(name, |user| Said::Tags(user.tags.clone())),
            Question::Attached(name) => of(name, |user| Said::Policies(user.policies.clone())),
            Question::Keys(name) => of(name, |user| Said::Count(user.keys.len())),
            Question::List => {
                let users = self.0.iter().map(|(name, user)| (name.clone(), user.path.clone()));
                Said::Users(users.collect())
            }
        }
    }
}

impl User {
    /// Changes that are this user's alone; all others have been made by the world.
    fn change(&mut self, write: &Write) -> Said {
        match write {
            Write::Move { path, .. } => self.path.clone_from(path),
            Write::Tag { key, value, .. } => {
                self.tags.insert(key.clone(), value.clone());
            }
            Write::Untag { key, .. } => {
                self.tags.remove(key);
            }
            Write::Attach { policy, .. } => {
                self.policies.insert(policy.clone());
            }
            Write::AddKey { .. } if self.keys.len() >= KEYS_MAX => {
                return Said::Fault("LimitExceeded".to_owned());
            }
            Write::AddKey { mark, .. } => {
                self.keys.insert(mark.clone());
            }
            Write::Detach { policy, .. } if !self.policies.remove(policy) => return missing(),
            Write::DropKey { mark, .. } if !self.keys.remove(mark) => return missing(),
            _ => {}
        }
        Said::Done
    }
}

fn exists() -> Said {
    Said::Fault("EntityAlreadyExists".to_owned())
}

fn missing() -> Said {
    Said::Fault("NoSuchEntity".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: &str) -> Said {
        Said::Fault(code.to_owned())
    }

    #[test]
    fn what_hangs_on_a_user_holds_it() {
        let (name, policy) = (|| "ann".to_owned(), || "p".to_owned());
        let key = |mark: &str| Write::AddKey { name: name(), mark: mark.to_owned() };
        let unlock = |mark: &str| Write::DropKey { name: name(), mark: mark.to_owned() };
        let mut world = World::default();
        assert_eq!(world.write(&key("a")), fault("NoSuchEntity"));
        world.write(&Write::Create { name: name(), path: "/1/".to_owned() });
        assert_eq!(world.write(&Write::Attach { name: name(), policy: policy() }), Said::Done);
        assert_eq!(world.write(&Write::Delete { name: name() }), fault("DeleteConflict"));
        assert_eq!(world.read(&Question::Attached(name())), Said::Policies([policy()].into()));
        assert_eq!(world.write(&Write::Detach { name: name(), policy: policy() }), Said::Done);
        let again = Write::Detach { name: name(), policy: policy() };
        assert_eq!(world.write(&again), fault("NoSuchEntity"));
        for mark in ["a", "b"] {
            assert_eq!(world.write(&key(mark)), Said::Done);
        }
        assert_eq!(world.write(&key("c")), fault("LimitExceeded"));
        assert_eq!(world.read(&Question::Keys(name())), Said::Count(2));
        assert_eq!(world.write(&Write::Delete { name: name() }), fault("DeleteConflict"));
        for mark in ["a", "b"] {
            assert_eq!(world.write(&unlock(mark)), Said::Done);
        }
        assert_eq!(world.write(&unlock("a")), fault("NoSuchEntity"));
        assert_eq!(world.write(&Write::Delete { name: name() }), Said::Done);
    }

    #[test]
    fn tags_go_with_a_renamed_user() {
        let name = |text: &str| text.to_owned();
        let mut world = World::default();
        world.write(&Write::Create { name: name("ann"), path: name("/1/") });
        let tag = |value| Write::Tag { name: name("ann"), key: name("k"), value: name(value) };
        world.write(&tag("1"));
        world.write(&tag("2"));
        world.write(&Write::Rename { name: name("ann"), to: name("bob") });
        let tags = Said::Tags([(name("k"), name("2"))].into());
        assert_eq!(world.read(&Question::Tags(name("bob"))), tags);
        let untag = Write::Untag { name: name("bob"), key: name("k") };
        assert_eq!((world.write(&untag), world.write(&untag)), (Said::Done, Said::Done));
        assert_eq!(world.read(&Question::Tags(name("bob"))), Said::Tags(BTreeMap::new()));
        assert_eq!(world.read(&Question::Tags(name("ann"))), fault("NoSuchEntity"));
    }
}

//! The tiny model: users by name, each with a path. Written for the checkers, and owing nothing to the product.

use std::collections::BTreeMap;

/// What a client asks to be changed.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// A user is taken out.
    Delete {
        /// Its name.
        name: String,
    },
}

/// What a client asks to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// One user.
    Get(String),
    /// All of them.
    List,
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// It was done.
    Done,
    /// A user's path.
    User(String),
    /// Names and paths.
    Users(BTreeMap<String, String>),
    /// An error code.
    Fault(String),
}

/// The users at one revision.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct World(BTreeMap<String, String>);

impl World {
    /// Makes a change; gives what the product should answer.
    pub fn write(&mut self, write: &Write) -> Said {
        let users = &mut self.0;
        match write {
            Write::Create { name, .. } if users.contains_key(name) => exists(),
            Write::Create { name, path } => {
                users.insert(name.clone(), path.clone());
                Said::User(path.clone())
            }
            Write::Move { name, path } => match users.get_mut(name) {
                None => missing(),
                Some(held) => {
                    held.clone_from(path);
                    Said::Done
                }
            },
            Write::Rename { name, .. } if !users.contains_key(name) => missing(),
            Write::Rename { name, to } if name != to && users.contains_key(to) => exists(),
            Write::Rename { name, to } => {
                let path = users.remove(name).unwrap_or_default();
                users.insert(to.clone(), path);
                Said::Done
            }
            Write::Delete { name } => match users.remove(name) {
                None => missing(),
                Some(_) => Said::Done,
            },
        }
    }

    /// What the product should answer.
    pub fn read(&self, question: &Question) -> Said {
        match question {
            Question::Get(name) => self.0.get(name).cloned().map_or_else(missing, Said::User),
            Question::List => Said::Users(self.0.clone()),
        }
    }
}

fn exists() -> Said {
    Said::Fault("EntityAlreadyExists".to_owned())
}

fn missing() -> Said {
    Said::Fault("NoSuchEntity".to_owned())
}

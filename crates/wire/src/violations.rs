//! What is wrong with a request, collected into AWS's one sentence.

use std::fmt::Display;

use schema::{Fault, Service};

use crate::fault::{clip, validation};

/// Violations spelled out in a message at most; all are counted.
const SPELLED_OUT: usize = 50;

/// Characters of a value repeated in a message at most.
const REPEATED: usize = 8192;

/// The violations found so far.
pub(crate) struct Violations {
    service: Service,
    count: usize,
    texts: Vec<String>,
}

impl Violations {
    pub(crate) fn new(service: Service) -> Self {
        Violations { service, count: 0, texts: Vec::new() }
    }

    /// A member that must be there is not.
    pub(crate) fn null(&mut self, path: &str) {
        self.push(|| {
            format!("Value null at '{path}' failed to satisfy constraint: Member must not be null")
        });
    }

    /// A value is outside a limit. `shown` is not asked for when AWS would not repeat the value:
    /// IAM never does, the others do where it is no secret.
    pub(crate) fn limit(
        &mut self,
        path: &str,
        is_secret: bool,
        shown: impl FnOnce() -> String,
        clause: impl Display,
    ) {
        let repeats = self.service != Service::Iam && !is_secret;
        self.push(|| {
            let value =
                if repeats { format!(" '{}'", clip(&shown(), REPEATED)) } else { String::new() };
            format!("Value{value} at '{path}' failed to satisfy constraint: {clause}")
        });
    }

    /// The fault that says it all, unless nothing was wrong.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        let Violations { count, texts, .. } = self;
        let plural = match count {
            0 => return Ok(()),
            1 => "",
            _ => "s",
        };
        Err(validation(format!("{count} validation error{plural} detected: {}", texts.join("; "))))
    }

    fn push(&mut self, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.texts.len() < SPELLED_OUT {
            self.texts.push(text());
        }
    }
}

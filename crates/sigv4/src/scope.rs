//! The credential a request presents: a key id and the day, region and service it is used for.

use alloc::{format, string::String};

use crate::{Refusal, Settings, TERMINATOR, time};

/// The five elements of a credential.
pub(crate) struct Credential<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    terminator: &'a str,
}

impl<'a> Credential<'a> {
    /// Splits a credential at its slashes.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let mut parts = text.split('/');
        let mut next = || parts.next();
        let five = (next(), next(), next(), next(), next(), next());
        let (Some(key_id), Some(date), Some(region), Some(service), Some(terminator), None) = five
        else {
            return Err(Refusal::incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, \
                 e.g. keyid/date/region/service/term, got '{text}'"
            )));
        };
        Ok(Credential { key_id, date, region, service, terminator })
    }

    /// Refuses a scope made for something else, saying everything that is wrong with it.
    pub(crate) fn check(&self, signed_at: i64, settings: &Settings<'_>) -> Result<(), Refusal> {
        let mut wrong = String::new();
        if !self.is_valid_region(settings.regions) {
            wrong += "Credential should be scoped to a valid region. ";
        }
        if !settings.services.contains(&self.service) {
            let right = settings.services.first().copied().unwrap_or_default();
            wrong += &format!("Credential should be scoped to correct service: '{right}'. ");
        }
        if self.terminator != TERMINATOR {
            wrong += &format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'. ",
                self.terminator
            );
        }
        let moment = time::format_basic(signed_at);
        if self.date != &moment[..8] {
            wrong += &format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{}', from '{moment}'. ",
                self.date,
                &moment[..8]
            );
        }
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::does_not_match(wrong)) }
    }

    /// The scope as the string to sign wants it.
    pub(crate) fn scope(&self) -> String {
        [self.date, self.region, self.service, TERMINATOR].join("/")
    }

    fn is_valid_region(&self, regions: &[&str]) -> bool {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if regions.is_empty() {
            (1..=64).contains(&self.region.len()) && self.region.bytes().all(is_part)
        } else {
            regions.contains(&self.region)
        }
    }
}

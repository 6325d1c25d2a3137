//! The limits of AWS's service model on a request, with AWS's texts.

use std::collections::BTreeSet;

use schema::{Cardinality, Fault, Field, FieldRules, OperationInfo, Service, Shape};

use crate::clause::{Clause, Measure, measure};
use crate::message::{Malformed, Message, Value};
use crate::violations::Violations;
use crate::{fault, scalar};

/// Members of a list or map at most where the model sets no limit.
const MOST_MEMBERS: usize = 4096;

/// Checks a request in protobuf against the limits of the model.
///
/// A list that must be there may be empty: protobuf has no other way to say so. Of a caller that
/// leaves out a required text the same is said as of one that sends none.
///
/// # Errors
/// `ValidationError` with AWS's text naming everything that is wrong (IAM: "Common errors");
/// `MalformedInput` for bytes that are not the message.
pub fn validate(operation: &OperationInfo, message: &[u8]) -> Result<(), Fault> {
    check(operation, message, &BTreeSet::new())
}

/// As [`validate`]; `absent` are the paths of required lists the caller did not mention.
pub(crate) fn check(
    operation: &OperationInfo,
    message: &[u8],
    absent: &BTreeSet<String>,
) -> Result<(), Fault> {
    let service = operation.service;
    let mut check = Check { service, absent, violations: Violations::new(service) };
    check
        .structure(&operation.request, message, "")
        .map_err(|Malformed| fault::malformed("The request is not a message of this operation"))?;
    check.violations.finish()
}

struct Check<'a> {
    service: Service,
    absent: &'a BTreeSet<String>,
    violations: Violations,
}

impl Check<'_> {
    fn structure(&mut self, shape: &Shape, bytes: &[u8], prefix: &str) -> Result<(), Malformed> {
        let message = Message::parse(bytes)?;
        for field in &shape.fields {
            let path = format!("{prefix}{}", field.lower_camel);
            match field.cardinality {
                Cardinality::Single => self.single(field, &message, &path)?,
                Cardinality::List => self.list(field, &message, &path)?,
                Cardinality::Map => self.map(field, &message, &path)?,
            }
        }
        Ok(())
    }

    fn single(
        &mut self,
        field: &Field,
        message: &Message<'_>,
        path: &str,
    ) -> Result<(), Malformed> {
        match (message.single(field)?, &field.member) {
            (None, _) if field.rules.required => self.violations.null(path),
            (None, _) => {}
            (Some(Value::Structure(bytes)), Some(shape)) => {
                self.structure(shape, &bytes, &format!("{path}."))?;
            }
            (Some(value), _) => {
                let shown = || scalar::write(&value);
                self.limits(field, &measure(&value), path, shown);
            }
        }
        Ok(())
    }

    fn list(&mut self, field: &Field, message: &Message<'_>, path: &str) -> Result<(), Malformed> {
        let items = message.list(field)?;
        let shown = || format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "));
        if !self.members(field, items.len(), path, shown) {
            return Ok(());
        }
        if let Some(shape) = &field.member {
            for (index, item) in items.iter().enumerate() {
                let Value::Structure(bytes) = item else { continue };
                self.structure(shape, bytes, &format!("{path}.{}.member.", index + 1))?;
            }
        } else if let Some(rules) = &field.rules.items
            && !self.all_within(rules, items.iter().map(measure))
        {
            self.every("Member", field, rules, path, shown);
        }
        Ok(())
    }

    fn map(&mut self, field: &Field, message: &Message<'_>, path: &str) -> Result<(), Malformed> {
        let entries = message.map(field)?;
        let shown = || {
            let entry = |(key, value)| format!("{key}={}", show(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        };
        if !self.members(field, entries.len(), path, shown) {
            return Ok(());
        }
        if let Some(rules) = &field.rules.keys
            && !self.all_within(rules, entries.keys().map(|key| measure(&Value::Text(key))))
        {
            self.every("Map keys", field, rules, path, shown);
        }
        if let Some(shape) = &field.member {
            for (key, value) in &entries {
                let Value::Structure(bytes) = value else { continue };
                self.structure(shape, bytes, &format!("{path}.{key}.member."))?;
            }
        } else if let Some(rules) = &field.rules.items
            && !self.all_within(rules, entries.values().map(measure))
        {
            self.every("Map value", field, rules, path, shown);
        }
        Ok(())
    }

    /// Limits on the number of members; whether it is worth looking at each of them.
    fn members(
        &mut self,
        field: &Field,
        count: usize,
        path: &str,
        shown: impl Fn() -> String,
    ) -> bool {
        if count == 0 {
            let absent = self.absent.contains(path);
            if absent {
                self.violations.null(path);
            } else if field.rules.required {
                self.limits(field, &Measure::Length(0), path, shown);
            }
            return false;
        }
        let most = field.rules.max_length.map_or(MOST_MEMBERS, |most| most as usize);
        self.limits(field, &Measure::Length(count), path, &shown);
        if field.rules.max_length.is_none() && count > most {
            let clause = Clause::MaxLength(most as u32);
            self.violations.limit(path, field.secret, shown, clause);
        }
        count <= most
    }

    fn limits(
        &mut self,
        field: &Field,
        measure: &Measure<'_>,
        path: &str,
        shown: impl Fn() -> String,
    ) {
        for clause in Clause::all(&field.rules, self.service) {
            if !clause.holds(measure) {
                self.violations.limit(path, field.secret, &shown, clause);
            }
        }
    }

    fn all_within<'m>(
        &self,
        rules: &FieldRules,
        mut measures: impl Iterator<Item = Measure<'m>>,
    ) -> bool {
        let clauses = Clause::all(rules, self.service);
        measures.all(|measure| clauses.iter().all(|clause| clause.holds(&measure)))
    }

    /// One text for all members together: AWS names every limit on them when one is broken.
    fn every(
        &mut self,
        what: &str,
        field: &Field,
        rules: &FieldRules,
        path: &str,
        shown: impl FnOnce() -> String,
    ) {
        let mut texts: Vec<_> =
            Clause::all(rules, self.service).iter().map(ToString::to_string).collect();
        // Observed of tag keys, which have a pattern, and not of client ids, which have none.
        if rules.pattern.is_some() {
            texts.push("Member must not be null".to_owned());
        }
        let clause = format!("{what} must satisfy constraint: [{}]", texts.join(", "));
        self.violations.limit(path, field.secret, shown, clause);
    }
}

/// A member as STS repeats it among others.
fn show(value: &Value<'_>) -> String {
    match value {
        Value::Structure(_) => "{...}".to_owned(),
        value => scalar::write(value),
    }
}

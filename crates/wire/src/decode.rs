//! A form becomes the protobuf message of its operation.

use std::collections::BTreeSet;

use schema::{Cardinality, Fault, Field, OperationInfo, Shape};

use crate::message::put_bytes;
use crate::{Form, scalar, validate};

/// Reads the members of an operation's request from a form and checks them against the model.
///
/// Unknown parameters are ignored. Lists are `Name.member.1`, in the order of their numbers, gaps
/// or not; maps are `Name.entry.1.key` and `.value`; an empty list or structure is `Name=`.
///
/// # Errors
/// `MalformedInput` for what is no number, truth value, timestamp or blob; `ValidationError` for
/// what is outside the limits ([`validate`](crate::validate())).
pub fn decode(operation: &OperationInfo, form: &Form) -> Result<Vec<u8>, Fault> {
    let mut reader = Reader { form, absent: BTreeSet::new() };
    let message = reader.structure(&operation.request, "", "")?;
    validate::check(operation, &message, &reader.absent)?;
    Ok(message)
}

struct Reader<'a> {
    form: &'a Form,
    /// Required lists and maps nobody mentioned, by AWS's path.
    absent: BTreeSet<String>,
}

impl Reader<'_> {
    /// `name` is the prefix of the members' parameters, `path` the prefix of their AWS paths.
    fn structure(&mut self, shape: &Shape, name: &str, path: &str) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        for field in &shape.fields {
            let name = format!("{name}{}", field.name);
            let path = format!("{path}{}", field.lower_camel);
            let found = match field.cardinality {
                Cardinality::Single => self.one(&mut out, field.number, field, &name, &path)?,
                Cardinality::List => self.list(&mut out, field, &name, &path)?,
                Cardinality::Map => self.map(&mut out, field, &name, &path)?,
            };
            let is_many = field.cardinality != Cardinality::Single;
            if !found && is_many && field.rules.required && self.form.value(&name).is_none() {
                self.absent.insert(path);
            }
        }
        Ok(out)
    }

    /// One value: a member itself, an element of a list, the value of a map's entry.
    fn one(
        &mut self,
        out: &mut Vec<u8>,
        number: u32,
        field: &Field,
        name: &str,
        path: &str,
    ) -> Result<bool, Fault> {
        if let Some(shape) = &field.member {
            let inside = format!("{name}.");
            let found = self.form.has_prefix(&inside) || self.form.value(name).is_some();
            if found {
                let message = self.structure(shape, &inside, &format!("{path}."))?;
                put_bytes(out, number, &message);
            }
            return Ok(found);
        }
        let Some(text) = self.form.value(name) else { return Ok(false) };
        scalar::read(out, number, field.kind, text)?;
        Ok(true)
    }

    fn list(
        &mut self,
        out: &mut Vec<u8>,
        field: &Field,
        name: &str,
        path: &str,
    ) -> Result<bool, Fault> {
        let prefix = format!("{name}.member.");
        let mut count = 0;
        for number in self.form.numbers(&prefix) {
            let (name, path) =
                (format!("{prefix}{number}"), format!("{path}.{}.member", count + 1));
            count += usize::from(self.one(out, field.number, field, &name, &path)?);
        }
        Ok(count > 0)
    }

    fn map(
        &mut self,
        out: &mut Vec<u8>,
        field: &Field,
        name: &str,
        path: &str,
    ) -> Result<bool, Fault> {
        let prefix = format!("{name}.entry.");
        let mut keys = BTreeSet::new();
        for number in self.form.numbers(&prefix) {
            let Some(key) = self.form.value(&format!("{prefix}{number}.key")) else { continue };
            // Of entries with the same key the first counts, as of parameters.
            if !keys.insert(key) {
                continue;
            }
            let mut entry = Vec::new();
            put_bytes(&mut entry, 1, key.as_bytes());
            let (value, path) = (format!("{prefix}{number}.value"), format!("{path}.{key}.member"));
            self.one(&mut entry, 2, field, &value, &path)?;
            put_bytes(out, field.number, &entry);
        }
        Ok(!keys.is_empty())
    }
}

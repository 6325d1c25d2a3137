//! The client's side of the form: a request message becomes parameters.

use schema::{Cardinality, Field, OperationInfo, Shape};

use crate::message::{Malformed, Message, Value};
use crate::{escape, scalar};

/// Writes a request as the form an SDK would send, `Action` and `Version` first. `None` if the
/// bytes are not a message of the operation's request.
///
/// Members that are absent or empty lists are left out.
pub fn encode_form(operation: &OperationInfo, request: &[u8]) -> Option<String> {
    let mut writer = Writer { out: String::new() };
    writer.parameter("Action", operation.name);
    writer.parameter("Version", operation.service.version());
    writer.structure(&operation.request, "", request).ok()?;
    Some(writer.out)
}

struct Writer {
    out: String,
}

impl Writer {
    fn structure(&mut self, shape: &Shape, prefix: &str, bytes: &[u8]) -> Result<(), Malformed> {
        let message = Message::parse(bytes)?;
        for field in &shape.fields {
            let name = format!("{prefix}{}", field.name);
            match field.cardinality {
                Cardinality::Single => {
                    if let Some(value) = message.single(field)? {
                        self.value(field, &name, &value)?;
                    }
                }
                Cardinality::List => {
                    for (index, value) in message.list(field)?.iter().enumerate() {
                        self.value(field, &format!("{name}.member.{}", index + 1), value)?;
                    }
                }
                Cardinality::Map => {
                    for (index, (key, value)) in message.map(field)?.iter().enumerate() {
                        let entry = format!("{name}.entry.{}", index + 1);
                        self.parameter(&format!("{entry}.key"), key);
                        self.value(field, &format!("{entry}.value"), value)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, field: &Field, name: &str, value: &Value<'_>) -> Result<(), Malformed> {
        match (value, &field.member) {
            // Of a structure without members there is only its name to tell.
            (Value::Structure(bytes), Some(_)) if bytes.is_empty() => {
                self.parameter(name, "");
                Ok(())
            }
            (Value::Structure(bytes), Some(shape)) => {
                self.structure(shape, &format!("{name}."), bytes)
            }
            (value, _) => {
                self.parameter(name, &scalar::write(value));
                Ok(())
            }
        }
    }

    fn parameter(&mut self, name: &str, value: &str) {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        escape::encode(name, &mut self.out);
        self.out.push('=');
        escape::encode(value, &mut self.out);
    }
}

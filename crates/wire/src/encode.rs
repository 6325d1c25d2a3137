//! The protobuf message of an answer becomes XML.

use std::borrow::Cow;

use schema::{Cardinality, Field, OperationInfo, Shape};

use crate::message::{Malformed, Message, Value, zero};
use crate::xml::Writer;
use crate::{escape, scalar};

/// Writes the answer of an operation as the AWS Query protocol has it.
///
/// Absent members are left out, required ones are always there, policy documents are
/// percent-encoded, timestamps are whole seconds. There is no result element where AWS's model
/// has no output.
///
/// # Panics
/// If `response` is not a message of the operation's response: it comes from the operation itself.
pub fn encode(operation: &OperationInfo, response: &[u8], request_id: &str) -> String {
    let name = operation.name;
    let mut encoder = Encoder { operation, out: Writer::new() };
    encoder.out.open_with_xmlns(&format!("{name}Response"), operation.service.xmlns());
    if let Some(shape) = &operation.response {
        encoder
            .structure(&format!("{name}Result"), shape, response, true)
            .expect("an operation answers with its own response message");
    }
    encoder.out.open("ResponseMetadata");
    encoder.out.text("RequestId", request_id);
    encoder.out.close();
    encoder.out.close();
    encoder.out.finish()
}

struct Encoder<'a> {
    operation: &'a OperationInfo,
    out: Writer,
}

impl Encoder<'_> {
    fn structure(
        &mut self,
        name: &str,
        shape: &Shape,
        bytes: &[u8],
        is_result: bool,
    ) -> Result<(), Malformed> {
        let message = Message::parse(bytes)?;
        self.out.open(name);
        for field in &shape.fields {
            let keeps_empty = self.keeps_empty(shape, field, is_result);
            match field.cardinality {
                Cardinality::Single => self.single(field, &message)?,
                Cardinality::List => self.list(field, &message, keeps_empty)?,
                Cardinality::Map => self.map(field, &message, keeps_empty)?,
            }
        }
        self.out.close();
        Ok(())
    }

    fn single(&mut self, field: &Field, message: &Message<'_>) -> Result<(), Malformed> {
        let implied = || (!field.presence).then(|| zero(field.kind));
        match message.single(field)?.or_else(implied) {
            Some(value) => self.value(&field.name, field, &value),
            None => Ok(()),
        }
    }

    fn list(
        &mut self,
        field: &Field,
        message: &Message<'_>,
        keeps_empty: bool,
    ) -> Result<(), Malformed> {
        let items = message.list(field)?;
        if keeps_empty || !items.is_empty() {
            self.out.open(&field.name);
            for item in &items {
                self.value("member", field, item)?;
            }
            self.out.close();
        }
        Ok(())
    }

    fn map(
        &mut self,
        field: &Field,
        message: &Message<'_>,
        keeps_empty: bool,
    ) -> Result<(), Malformed> {
        let entries = message.map(field)?;
        if keeps_empty || !entries.is_empty() {
            self.out.open(&field.name);
            for (key, value) in &entries {
                self.out.open("entry");
                self.out.text("key", key);
                self.value("value", field, value)?;
                self.out.close();
            }
            self.out.close();
        }
        Ok(())
    }

    fn value(&mut self, name: &str, field: &Field, value: &Value<'_>) -> Result<(), Malformed> {
        if let (Value::Structure(bytes), Some(shape)) = (value, &field.member) {
            return self.structure(name, shape, bytes, false);
        }
        let items = field.rules.items.as_ref();
        let is_policy =
            field.rules.policy_document || items.is_some_and(|rules| rules.policy_document);
        let text = match value {
            Value::Text(text) if is_policy => {
                let mut encoded = String::new();
                escape::encode(text, &mut encoded);
                Cow::Owned(encoded)
            }
            Value::Text(text) => Cow::Borrowed(*text),
            value => Cow::Owned(scalar::write(value)),
        };
        self.out.text(name, &text);
        Ok(())
    }

    /// Whether a list or map is written even when it is empty; protobuf does not tell an empty one
    /// from an absent one.
    ///
    /// AWS writes it where its model requires the member, as the direct answer to a question
    /// (`Users`, `PolicyGroups`), and in the structures of [`THOROUGH`].
    fn keeps_empty(&self, shape: &Shape, field: &Field, is_result: bool) -> bool {
        let name = self.operation.name;
        let is_question = ["Get", "List", "Simulate"].iter().any(|verb| name.starts_with(verb));
        let is_thorough = |(operation, structure, member): &(&str, &str, &str)| {
            *operation == name
                && *structure == shape.name
                && (*member == "*" || *member == field.name)
        };
        field.rules.required || (is_result && is_question) || THOROUGH.iter().any(is_thorough)
    }
}

/// Operation, structure inside its result, and member that AWS writes there even when it is empty.
const THOROUGH: [(&str, &str, &str); 15] = [
    ("GetAccountAuthorizationDetails", "GroupDetail", "*"),
    ("GetAccountAuthorizationDetails", "ManagedPolicyDetail", "*"),
    ("GetAccountAuthorizationDetails", "RoleDetail", "*"),
    ("GetAccountAuthorizationDetails", "UserDetail", "*"),
    ("GetInstanceProfile", "InstanceProfile", "Tags"),
    ("GetPolicy", "Policy", "Tags"),
    ("GetServerCertificate", "ServerCertificate", "Tags"),
    ("SimulateCustomPolicy", "EvaluationResult", "MatchedStatements"),
    ("SimulateCustomPolicy", "EvaluationResult", "MissingContextValues"),
    ("SimulateCustomPolicy", "ResourceSpecificResult", "MatchedStatements"),
    ("SimulateCustomPolicy", "ResourceSpecificResult", "MissingContextValues"),
    ("SimulatePrincipalPolicy", "EvaluationResult", "MatchedStatements"),
    ("SimulatePrincipalPolicy", "EvaluationResult", "MissingContextValues"),
    ("SimulatePrincipalPolicy", "ResourceSpecificResult", "MatchedStatements"),
    ("SimulatePrincipalPolicy", "ResourceSpecificResult", "MissingContextValues"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn structure<'a>(shape: &'a Shape, name: &str) -> Option<&'a Shape> {
        let inside = |field: &'a Field| structure(field.member.as_ref()?, name);
        if shape.name == name { Some(shape) } else { shape.fields.iter().find_map(inside) }
    }

    #[test]
    fn exceptions_name_things_that_are_there() {
        for (name, inside, member) in THOROUGH {
            let operation = schema::operation(schema::Service::Iam, name).expect(name);
            let response = operation.response.as_ref().expect(name);
            let shape = structure(response, inside).expect(inside);
            assert!(member == "*" || shape.field(member).is_some(), "{member} of {inside}");
        }
    }
}

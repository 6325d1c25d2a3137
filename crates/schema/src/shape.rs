//! The shapes of requests and responses: members, limits, nesting, read once from the descriptors.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::extension;
use crate::options::v1 as options;

/// The members of a structure.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The message's name: `CreateUserRequest`, `Tag`.
    pub name: String,
    /// The members, in the order AWS lists them (and their field numbers).
    pub fields: Vec<Field>,
}

/// One member of a structure.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The protobuf field number.
    pub number: u32,
    /// The name on the AWS Query protocol: `UserName`.
    pub name: String,
    /// The name in AWS's validation messages: `userName` (only the first letter changes, so
    /// `SSHPublicKeyId` is `sSHPublicKeyId`).
    pub lower_camel: String,
    /// What it holds; for a list what each member, for a map what each value holds.
    pub kind: FieldKind,
    /// How many it holds.
    pub cardinality: Cardinality,
    /// The limits on it.
    pub rules: FieldRules,
    /// Never to be shown outside the answer itself.
    pub secret: bool,
    /// Absence differs from the zero value (`optional` scalars, structures, timestamps).
    pub presence: bool,
    /// The structure it holds, if `kind` is [`FieldKind::Structure`].
    pub member: Option<Arc<Shape>>,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text, and AWS's enumerations.
    String,
    /// Octets; base64 on the Query protocol.
    Bytes,
    /// `true` or `false`.
    Bool,
    /// A signed number of 32 bits (protobuf `int32`).
    Int32,
    /// A signed number of 64 bits (protobuf `int64`).
    Int64,
    /// An unsigned number of 32 bits; AWS has none.
    Uint32,
    /// An unsigned number of 64 bits; AWS has none.
    Uint64,
    /// A `google.protobuf.Timestamp`; ISO 8601 on the Query protocol.
    Timestamp,
    /// Another structure: [`Field::member`].
    Structure,
}

/// How many values a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One, or none.
    Single,
    /// A protobuf `repeated` field.
    List,
    /// A protobuf `map` with string keys: entries of key = 1, value = 2.
    Map,
}

/// The limits on a value.
///
/// On a list or map the lengths count members, [`items`](Self::items) holds for each member (or
/// map value) and [`keys`](Self::keys) for each map key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldRules {
    /// Must be there.
    pub required: bool,
    /// At least so many Unicode scalar values, octets or members.
    pub min_length: Option<u32>,
    /// At most so many Unicode scalar values, octets or members.
    pub max_length: Option<u32>,
    /// The least number allowed.
    pub min_value: Option<i64>,
    /// The greatest number allowed.
    pub max_value: Option<i64>,
    /// A regular expression (as AWS writes it, Java's dialect) that the whole value must match.
    pub pattern: Option<String>,
    /// The values allowed, in AWS's order; empty when any is.
    pub one_of: Vec<String>,
    /// A JSON policy: percent-encoded in XML answers.
    pub policy_document: bool,
    /// The limits on each list member or map value.
    pub items: Option<Box<FieldRules>>,
    /// The limits on each map key.
    pub keys: Option<Box<FieldRules>>,
}

impl Shape {
    /// The member AWS calls `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The member with a protobuf field number.
    pub fn field_by_number(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }
}

impl From<options::Rules> for FieldRules {
    fn from(rules: options::Rules) -> Self {
        let nested = |rules: Option<Box<options::Rules>>| rules.map(|r| Box::new((*r).into()));
        Self {
            required: rules.required,
            min_length: rules.min_length,
            max_length: rules.max_length,
            min_value: rules.min_value,
            max_value: rules.max_value,
            pattern: Some(rules.pattern).filter(|pattern| !pattern.is_empty()),
            one_of: rules.one_of,
            policy_document: rules.policy_document,
            items: nested(rules.items),
            keys: nested(rules.keys),
        }
    }
}

/// Makes each shape once, however many operations use it.
#[derive(Default)]
pub(crate) struct Shapes(BTreeMap<String, Arc<Shape>>);

impl Shapes {
    /// The shape of a message. Messages of the API never contain themselves.
    pub(crate) fn of(&mut self, message: &MessageDescriptor) -> Arc<Shape> {
        if let Some(shape) = self.0.get(message.full_name()) {
            return Arc::clone(shape);
        }
        let fields = message.fields().map(|field| self.field(&field)).collect();
        let shape = Arc::new(Shape { name: message.name().to_owned(), fields });
        self.0.insert(message.full_name().to_owned(), Arc::clone(&shape));
        shape
    }

    fn field(&mut self, field: &FieldDescriptor) -> Field {
        let (cardinality, value) = match field.kind() {
            Kind::Message(entry) if field.is_map() => {
                (Cardinality::Map, entry.map_entry_value_field().kind())
            }
            kind if field.is_list() => (Cardinality::List, kind),
            kind => (Cardinality::Single, kind),
        };
        let (kind, member) = self.kind(field, value);
        let options = field.options();
        let redact = options.get_field_by_name("debug_redact").and_then(|value| value.as_bool());
        Field {
            number: field.number(),
            name: field.json_name().to_owned(),
            lower_camel: lower_camel(field.json_name()),
            kind,
            cardinality,
            rules: extension::<options::Rules>(&options, "field").unwrap_or_default().into(),
            secret: redact.unwrap_or(false),
            presence: field.supports_presence(),
            member,
        }
    }

    fn kind(&mut self, field: &FieldDescriptor, value: Kind) -> (FieldKind, Option<Arc<Shape>>) {
        let kind = match value {
            Kind::String => FieldKind::String,
            Kind::Bytes => FieldKind::Bytes,
            Kind::Bool => FieldKind::Bool,
            Kind::Int32 => FieldKind::Int32,
            Kind::Int64 => FieldKind::Int64,
            Kind::Uint32 => FieldKind::Uint32,
            Kind::Uint64 => FieldKind::Uint64,
            Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
                FieldKind::Timestamp
            }
            Kind::Message(message) => return (FieldKind::Structure, Some(self.of(&message))),
            other => unreachable!("{} has a kind no operation uses: {other:?}", field.full_name()),
        };
        (kind, None)
    }
}

fn lower_camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

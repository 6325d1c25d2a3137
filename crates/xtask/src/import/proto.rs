//! The facts of proto/.

use schema::{Cardinality, Fault, Field, FieldKind, FieldRules, OperationInfo, Service, Shape};

use super::facts::Facts;

/// Everything proto/ says about a service that a service model says too.
pub fn facts(service: Service) -> Facts {
    let mut facts = Facts::new();
    let name = service.signing_name();
    facts.insert(format!("{name} version"), service.version().to_owned());
    facts.insert(format!("{name} xmlns"), service.xmlns().to_owned());
    for operation in schema::operations().iter().filter(|o| o.service == service) {
        add_operation(&mut facts, name, operation);
    }
    facts
}

fn add_operation(facts: &mut Facts, service: &str, operation: &OperationInfo) {
    let subject = format!("{service} {}", operation.name);
    facts.insert(subject.clone(), String::new());
    if operation.paged {
        facts.insert(format!("{subject} paged"), String::new());
    }
    if operation.unsigned {
        facts.insert(format!("{subject} unsigned"), String::new());
    }
    if operation.response.is_some() {
        facts.insert(format!("{subject} result"), String::new());
    }
    for code in &operation.faults {
        facts.insert(format!("{subject} fault {code}"), String::new());
        let status = Fault::new(code.clone(), "").http_status();
        facts.insert(format!("{service} fault {code}"), status.to_string());
    }
    add_shape(facts, service, &operation.request);
    if let Some(response) = &operation.response {
        add_shape(facts, service, response);
    }
}

fn add_shape(facts: &mut Facts, service: &str, shape: &Shape) {
    for field in &shape.fields {
        add_field(facts, &format!("{service} {}.{}", shape.name, field.name), field);
        if let Some(member) = &field.member {
            add_shape(facts, service, member);
        }
    }
}

fn add_field(facts: &mut Facts, subject: &str, field: &Field) {
    let kind = match field.kind {
        FieldKind::String => "string",
        FieldKind::Bytes => "blob",
        FieldKind::Bool => "boolean",
        FieldKind::Int32 => "integer",
        FieldKind::Int64 => "long",
        FieldKind::Uint32 | FieldKind::Uint64 => "unsigned",
        FieldKind::Timestamp => "timestamp",
        FieldKind::Structure => field.member.as_ref().map_or("", |member| &member.name),
    };
    let kind = match field.cardinality {
        Cardinality::Single => kind.to_owned(),
        Cardinality::List => format!("list of {kind}"),
        Cardinality::Map => format!("map of {kind}"),
    };
    facts.insert(subject.to_owned(), kind);
    if field.secret {
        facts.insert(format!("{subject} secret"), String::new());
    }
    add_rules(facts, subject, &field.rules);
}

fn add_rules(facts: &mut Facts, subject: &str, rules: &FieldRules) {
    if rules.required {
        facts.insert(format!("{subject} required"), String::new());
    }
    let mut limit = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.insert(format!("{subject} {name}"), value);
        }
    };
    limit("min_length", rules.min_length.map(|length| length.to_string()));
    limit("max_length", rules.max_length.map(|length| length.to_string()));
    limit("min_value", rules.min_value.map(|value| value.to_string()));
    limit("max_value", rules.max_value.map(|value| value.to_string()));
    limit("pattern", rules.pattern.clone());
    for value in &rules.one_of {
        facts.insert(format!("{subject} one_of {value}"), String::new());
    }
    if rules.policy_document {
        facts.insert(format!("{subject} policy_document"), String::new());
    }
    if let Some(items) = &rules.items {
        add_rules(facts, &format!("{subject}[]"), items);
    }
    if let Some(keys) = &rules.keys {
        add_rules(facts, &format!("{subject}{{}}"), keys);
    }
}

//! From JSON to the document: the top level, and what all elements share.

use super::{Document, Problem, ProblemKind, Version, statement};
use crate::{
    Span,
    json::{self, Lists, Node, Text, Value},
};
use alloc::{format, vec::Vec};

/// Reads a document's structure. Everything that cannot be evaluated is a problem.
pub(crate) fn read(source: &str) -> Result<Document<'_>, Problem> {
    let document = structure(json::parse(source, Lists::OfTexts)?)?;
    if document.statements.is_empty() {
        return Err(no_statement(&document.span));
    }
    Ok(document)
}

/// The same for a document that was accepted elsewhere: it may hold any characters, and a list
/// without statements, which says nothing.
pub(crate) fn read_loaded(source: &str) -> Result<Document<'_>, Problem> {
    structure(json::parse_any(source, Lists::OfTexts)?)
}

fn no_statement(span: &Span) -> Problem {
    Problem::new(ProblemKind::NoStatement, span, "no statement")
}

fn structure(tree: json::Tree<'_>) -> Result<Document<'_>, Problem> {
    let span = tree.root.span.clone();
    let Value::Object(members) = tree.root.value else {
        return Err(Problem::shape(&span, "a policy must be an object"));
    };
    let mut document = Document { version: None, statements: Vec::new(), size: tree.size, span };
    let mut has_statement = false;
    for member in members {
        let key = &member.key;
        match &*key.value {
            "Version" => document.version = Some(version(&member.value)?),
            "Id" => drop(text("Id", member.value)?),
            "Statement" => {
                has_statement = true;
                document.statements = statements(member.value)?;
            }
            name => {
                let kind = ProblemKind::Unknown(name.into());
                return Err(Problem::new(kind, &key.span, "an unknown policy element"));
            }
        }
    }
    if !has_statement {
        return Err(no_statement(&document.span));
    }
    Ok(document)
}

fn version(node: &Node<'_>) -> Result<Version, Problem> {
    match &node.value {
        Value::Text(text) if &**text == "2012-10-17" => Ok(Version::V2012),
        Value::Text(text) if &**text == "2008-10-17" => Ok(Version::V2008),
        _ => Err(Problem::new(ProblemKind::Version, &node.span, "an unknown Version")),
    }
}

fn statements(node: Node<'_>) -> Result<Vec<super::Statement<'_>>, Problem> {
    match node.value {
        Value::Array(nodes) => {
            let mut statements = Vec::with_capacity(nodes.len());
            for node in nodes {
                statements.push(statement::read(node)?);
            }
            Ok(statements)
        }
        Value::Texts(texts) => Err(statement::no_object(&texts[0].span)),
        Value::Object(_) => Ok([statement::read(node)?].into()),
        _ => Err(Problem::shape(&node.span, "Statement must be an object or a list of objects")),
    }
}

/// A value that must be a string.
pub(super) fn text<'a>(element: &str, node: Node<'a>) -> Result<Text<'a>, Problem> {
    match node.value {
        Value::Text(value) => Ok(Text { value, span: node.span }),
        _ => Err(Problem::shape(&node.span, format!("{element} must be a string"))),
    }
}

/// A value that must be a string or a list of strings.
pub(super) fn texts<'a>(element: &str, node: Node<'a>) -> Result<Vec<Text<'a>>, Problem> {
    match node.value {
        Value::Texts(texts) => Ok(texts),
        Value::Array(nodes) => nodes.into_iter().map(|node| text(element, node)).collect(),
        _ => Ok([text(element, node)?].into()),
    }
}

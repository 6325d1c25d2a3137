//! Which patterns match which resources.

use super::*;

/// What can be said of a pattern and a resource.
#[derive(Debug, PartialEq)]
enum Matched {
    Yes,
    No,
    /// No: a variable has no value.
    Unresolved,
}

fn matches(pattern: &str, resource: &str) -> Matched {
    let mut context = Context::new();
    context.set("aws:username", "al*ce");
    let pattern = Pattern::new(pattern, Version::V2012);
    let is_match = pattern.matches(&RequestResource::new(resource), &context);
    match (is_match, pattern.is_unresolved(&context)) {
        (true, false) => Matched::Yes,
        (false, false) => Matched::No,
        (false, true) => Matched::Unresolved,
        (true, true) => panic!("matches without a value"),
    }
}

#[test]
fn everything_and_the_literal_star() {
    assert_eq!(matches("*", "*"), Matched::Yes);
    assert_eq!(matches("**", "anything"), Matched::Yes);
    assert_eq!(matches("arn:*:*:*:*:*", "*"), Matched::No);
    assert_eq!(matches("arn:aws:s3:::b/x", "arn:aws:s3:::b/*"), Matched::No);
}

#[test]
fn segments_do_not_cross_and_the_rest_does() {
    assert_eq!(matches("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z"), Matched::Yes);
    assert_eq!(matches("arn:aws:s3*::b", "arn:aws:s3:::b"), Matched::No);
    assert_eq!(matches("arn:*:b", "arn:aws:s3:::b"), Matched::No);
    assert_eq!(matches("arn:aws:logs:*:1:x", "arn:aws:logs:a:b:1:x"), Matched::No);
    assert_eq!(matches("arn:aws:iam::1:u*/x", "arn:aws:iam::1:user/x"), Matched::Yes);
    assert_eq!(matches("arn:aws:iam::1:user/X", "arn:aws:iam::1:user/x"), Matched::No);
    assert_eq!(matches("arn:aws:s3:::a//b", "arn:aws:s3:::a/b"), Matched::No);
}

#[test]
fn short_patterns_need_a_star_at_the_end() {
    assert_eq!(matches("arn:aws:iam::*", "arn:aws:iam::1:user/x"), Matched::Yes);
    assert_eq!(matches("arn:aws:s3:*", "arn:aws:s3:::b"), Matched::Yes);
    assert_eq!(matches("arn*", "arn:aws:s3:::b"), Matched::Yes);
    assert_eq!(matches("arn*", "*"), Matched::No);
    assert_eq!(matches("a*b", "arn:aws:s3:::b"), Matched::No);
    assert_eq!(matches("ar?:aws:*", "arn:aws:s3:::b"), Matched::Yes);
    assert_eq!(matches("aws:*", "arn:aws:s3:::b"), Matched::No);
    assert_eq!(matches("arn:aws:s3", "arn:aws:s3:::b"), Matched::No);
    assert_eq!(matches("arn:aws:s*", "arn:aws:iam::1:user/x"), Matched::No);
}

#[test]
fn variables_stand_in_the_rest_only() {
    let queue = "arn:aws:sqs:us-east-2:1:al*ce-queue";
    assert_eq!(matches("arn:aws:sqs:us-east-2:*:${aws:username}-queue", queue), Matched::Yes);
    let other = "arn:aws:sqs:us-east-2:1:alice-queue";
    assert_eq!(matches("arn:aws:sqs:us-east-2:*:${aws:username}-queue", other), Matched::No);
    assert_eq!(matches("arn:aws:s3:::${none}", "arn:aws:s3:::b"), Matched::Unresolved);
    assert_eq!(matches("arn:aws:s3:::${none, 'b'}", "arn:aws:s3:::b"), Matched::Yes);
}

#[test]
fn the_shortest_arns() {
    assert_eq!(matches("arn:::::", "arn:::::"), Matched::Yes);
    assert_eq!(matches("arn:::::*", "arn:::::x"), Matched::Yes);
    assert_eq!(matches("arn:::::x", "arn:::::"), Matched::No);
    assert_eq!(matches("arn:::::", "arn::::"), Matched::No);
}

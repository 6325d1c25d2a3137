//! Where AWS is silent or contradicts itself: one decision each, named here and tested in
//! `tests/silence.rs`.

/// a `NotResource` list that does not match but has a pattern with a variable that cannot be
/// resolved makes a Deny statement apply.
pub(crate) const UNRESOLVED_NOT_RESOURCE_IN_DENY: bool = true;

/// the same in an Allow statement, which does not apply.
pub(crate) const UNRESOLVED_NOT_RESOURCE_IN_ALLOW: bool = false;

/// a comparison with a value, on either side, that is none of the operator's type. False for
/// negated operators, too; validation refuses such values in policies.
pub(crate) const UNREADABLE_VALUE: bool = false;

/// `ForAnyValue:…IfExists` on a key that is absent.
pub(crate) const ANY_VALUE_IF_EXISTS_WITHOUT_KEY: bool = true;

/// a multivalued key under an operator without `ForAllValues` or `ForAnyValue`.
pub(crate) const MULTIVALUED_WITHOUT_SET_OPERATOR: bool = false;

/// Every question AWS's documentation leaves open: its number, the question, our decision.
pub const RULES: [(&str, &str, &str); 13] = [
    (
        "A-1",
        "a wildcard in the service half of an action",
        "refused at write time unless the half is exactly `*`; evaluated as a glob",
    ),
    ("A-2", "a `*` in an inner ARN segment crossing `:`", "it does not cross"),
    ("A-3", "a wildcard in the resource type of an ARN", "the rest of an ARN is one plain glob"),
    (
        "A-4",
        "NotResource with a variable that cannot be resolved",
        "a Deny statement applies, an Allow statement does not",
    ),
    ("A-5", "a session principal after its role was made again", "no match: bound to the role id"),
    ("A-6", "NotPrincipal that lists only a part of the caller's chain", "the Deny applies"),
    ("A-7", "the case of letters in operator names", "any case"),
    ("A-8", "policy variables in Bool values", "not replaced, so no Boolean: refused or false"),
    (
        "A-9",
        "a value that is none of the operator's type",
        "refused in a policy; that comparison is false, under negated operators, too",
    ),
    ("A-10", "ForAnyValue:…IfExists without the key", "true"),
    ("A-11", "a multivalued key without set operator", "false"),
    ("A-12", "a key with the empty string as value", "present, equal to \"\""),
    ("A-13", "the label of a service control policy that allows nothing", "an implicit deny"),
];

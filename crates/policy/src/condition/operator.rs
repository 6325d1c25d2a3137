//! The names of condition operators.

/// What kind of values an operator compares, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// `StringEquals`.
    Exact,
    /// `StringEqualsIgnoreCase`.
    Folded,
    /// `StringLike`.
    Like,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    /// `ArnEquals` and `ArnLike`, which mean the same.
    Arn,
    Null,
}

/// How two ordered values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// Whether `ordering`, of the request's value against the policy's, is what is asked for.
    pub(crate) fn holds(self, ordering: core::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// How an operator takes several values of one key in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// No set operator: the key must have a single value.
    Single,
    /// `ForAllValues:`.
    All,
    /// `ForAnyValue:`.
    Any,
}

/// A whole operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub quantifier: Quantifier,
    pub family: Family,
    /// `…Not…`.
    pub negated: bool,
    /// `…IfExists`.
    pub if_exists: bool,
}

/// Every operator name in lower case, with whether it negates.
const NAMES: [(&str, Family, bool); 27] = [
    ("stringequals", Family::Exact, false),
    ("stringnotequals", Family::Exact, true),
    ("stringequalsignorecase", Family::Folded, false),
    ("stringnotequalsignorecase", Family::Folded, true),
    ("stringlike", Family::Like, false),
    ("stringnotlike", Family::Like, true),
    ("numericequals", Family::Numeric(Order::Equal), false),
    ("numericnotequals", Family::Numeric(Order::Equal), true),
    ("numericlessthan", Family::Numeric(Order::Less), false),
    ("numericlessthanequals", Family::Numeric(Order::LessOrEqual), false),
    ("numericgreaterthan", Family::Numeric(Order::Greater), false),
    ("numericgreaterthanequals", Family::Numeric(Order::GreaterOrEqual), false),
    ("dateequals", Family::Date(Order::Equal), false),
    ("datenotequals", Family::Date(Order::Equal), true),
    ("datelessthan", Family::Date(Order::Less), false),
    ("datelessthanequals", Family::Date(Order::LessOrEqual), false),
    ("dategreaterthan", Family::Date(Order::Greater), false),
    ("dategreaterthanequals", Family::Date(Order::GreaterOrEqual), false),
    ("bool", Family::Bool, false),
    ("binaryequals", Family::Binary, false),
    ("ipaddress", Family::Ip, false),
    ("notipaddress", Family::Ip, true),
    ("arnequals", Family::Arn, false),
    ("arnlike", Family::Arn, false),
    ("arnnotequals", Family::Arn, true),
    ("arnnotlike", Family::Arn, true),
    ("null", Family::Null, false),
];

impl Operator {
    /// The operator of that name, in any case of letters (rule A-7).
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::Single, lower.as_str())
        };
        let (plain, if_exists) = match rest.strip_suffix("ifexists") {
            Some(plain) => (plain, true),
            None => (rest, false),
        };
        let (_, family, negated) = NAMES.into_iter().find(|(known, ..)| *known == plain)?;
        // "You can add IfExists to the end of any condition operator name except the Null".
        let fits = !(if_exists && family == Family::Null);
        fits.then_some(Self { quantifier, family, negated, if_exists })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prefix_and_suffix_in_any_case() {
        let operator = Operator::parse("forAnyValue:StringNOTLikeIfExists").expect("known");
        assert_eq!(operator.quantifier, Quantifier::Any);
        assert_eq!(operator.family, Family::Like);
        assert!(operator.negated && operator.if_exists);
    }

    #[test]
    fn knows_no_others() {
        for name in ["NullIfExists", "StringEqual", "ForAnyValue::Null", "", "IfExists", "Equals"] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
        assert!(Operator::parse("ForAllValues:Null").is_some());
    }
}

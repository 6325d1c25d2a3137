//! The issues by AWS's names and kinds.

use super::FindingType;
use alloc::{format, string::String};

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issue {
    /// AWS's name for it: `MISSING_VERSION`.
    pub code: &'static str,
    /// How much it matters.
    pub finding_type: FindingType,
}

/// Where the checks are described.
const REFERENCE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/\
                         access-analyzer-reference-policy-checks.html";

impl Issue {
    /// The place in AWS's documentation that tells more about it.
    pub fn learn_more(&self) -> String {
        let kind = match self.finding_type {
            FindingType::Error => "error",
            FindingType::SecurityWarning => "security-warning",
            FindingType::Warning => "general-warning",
            FindingType::Suggestion => "suggestion",
        };
        let name = self.code.to_ascii_lowercase().replace('_', "-");
        format!("{REFERENCE}#access-analyzer-reference-policy-checks-{kind}-{name}")
    }
}

macro_rules! issues {
    ($($kind:ident { $($name:ident)* })*) => {
        $($(
            pub(super) const $name: Issue =
                Issue { code: stringify!($name), finding_type: FindingType::$kind };
        )*)*
        /// Every issue that the validator finds.
        pub const ISSUES: &[Issue] = &[$($($name,)*)*];
    };
}

issues! {
    Error {
        ARN_REGION_NOT_ALLOWED
        DATA_TYPE_MISMATCH
        DUPLICATE_KEYS_WITH_DIFFERENT_CASE
        EMPTY_VARIABLE
        FEDERATED_PRINCIPAL_NOT_SUPPORTED
        INVALID_ACTION
        INVALID_ARN_ACCOUNT
        INVALID_ARN_PREFIX
        INVALID_ARN_REGION
        INVALID_ARN_RESOURCE
        INVALID_ARN_SERVICE_CASE
        INVALID_CONDITION_DATA_TYPE
        INVALID_CONDITION_KEY_FORMAT
        INVALID_CONDITION_MULTIPLE_BOOLEAN
        INVALID_CONDITION_OPERATOR
        INVALID_EFFECT
        INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY
        INVALID_GLOBAL_CONDITION_KEY
        INVALID_PARTITION
        INVALID_POLICY_ELEMENT
        INVALID_PRINCIPAL_FORMAT
        INVALID_PRINCIPAL_KEY
        INVALID_REGION
        INVALID_SERVICE
        INVALID_SERVICE_CONDITION_KEY
        INVALID_SERVICE_IN_ACTION
        INVALID_SERVICE_PRINCIPAL_FORMAT
        INVALID_VARIABLE_FOR_OPERATOR
        INVALID_VERSION
        INVALID_VPCE_FORMAT
        INVALID_VPC_FORMAT
        JSON_SYNTAX_ERROR
        MISMATCHED_ACTION_FOR_PRINCIPAL
        MISSING_ACTION
        MISSING_ACTION_FOR_CONDITION_KEY
        MISSING_ARN_FIELD
        MISSING_BRACE_IN_VARIABLE
        MISSING_EFFECT
        MISSING_PRINCIPAL
        MISSING_QUALIFIER
        MISSING_QUOTE_IN_VARIABLE
        MISSING_RESOURCE
        MISSING_STATEMENT
        MISSING_TAG_KEY_IN_CONDITION
        NULL_WITH_IF_EXISTS
        POLICY_SIZE_EXCEEDS_SCP_QUOTA
        PRIVATE_IP_ADDRESS
        PRIVATE_NOTIPADDRESS
        ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL
        ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE
        ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL
        SCP_SYNTAX_ERROR_PRINCIPAL
        UNIQUE_SIDS_REQUIRED
        UNSUPPORTED_ACTION_FOR_CONDITION_KEY
        UNSUPPORTED_ACTION_IN_POLICY
        UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL
        UNSUPPORTED_ELEMENT_COMBINATION
        UNSUPPORTED_GLOBAL_CONDITION_KEY
        UNSUPPORTED_PRINCIPAL
        UNSUPPORTED_SID
        UNSUPPORTED_SPACE_IN_VARIABLE
        UNSUPPORTED_WILDCARD_IN_PRINCIPAL
        VARIABLE_UNSUPPORTED_IN_ELEMENT
        VARIABLE_UNSUPPORTED_IN_VERSION
    }
    SecurityWarning {
        ALLOW_WITH_NOTPRINCIPAL
        FORALLVALUES_WITH_SINGLE_VALUED_KEY
        MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL
        MISSING_PAIRED_CONDITION_KEYS
        PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE
        PASS_ROLE_WITH_NOTRESOURCE
        PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE
        PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE
        PASS_ROLE_WITH_STAR_IN_RESOURCE
        PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION
        RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL
    }
    Warning {
        CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE
        CREATE_SLR_WITH_NOTRESOURCE
        CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE
        CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE
        CREATE_SLR_WITH_STAR_IN_RESOURCE
        CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION
        DEPRECATED_GLOBAL_CONDITION_KEY
        INVALID_DATE_VALUE
        INVALID_ROLE_REFERENCE
        INVALID_USER_REFERENCE
        MISSING_VERSION
        POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA
        POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA
        POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA
        TYPE_MISMATCH
        TYPE_MISMATCH_BOOLEAN
        TYPE_MISMATCH_DATE
        TYPE_MISMATCH_IP_RANGE
        TYPE_MISMATCH_NUMBER
        TYPE_MISMATCH_STRING
        UNIQUE_SIDS_RECOMMENDED
        WILDCARD_WITHOUT_LIKE_OPERATOR
    }
    Suggestion {
        CONFIRM_AUDIENCE_CLAIM_TYPE
        EMPTY_ARRAY_ACTION
        EMPTY_ARRAY_CONDITION
        EMPTY_ARRAY_CONDITION_FORALLVALUES
        EMPTY_ARRAY_CONDITION_FORANYVALUE
        EMPTY_ARRAY_CONDITION_IFEXISTS
        EMPTY_ARRAY_PRINCIPAL
        EMPTY_ARRAY_RESOURCE
        EMPTY_OBJECT_CONDITION
        EMPTY_OBJECT_PRINCIPAL
        EMPTY_SID_VALUE
        IMPROVE_IP_RANGE
        IRRELEVANT_CONDITION_KEY_IN_POLICY
        NULL_WITH_QUALIFIER
        PRIVATE_IP_ADDRESS_SUBSET
        PRIVATE_NOTIPADDRESS_SUBSET
        RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL
        REDUNDANT_ACTION
        REDUNDANT_CONDITION_VALUE_NUM
        REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY
        REDUNDANT_RESOURCE
        REDUNDANT_STATEMENT
        WILDCARD_IN_SERVICE_NAME
    }
}

/// The issues of AWS's list that the validator does not find, and why.
pub const NOT_FOUND: &[(&str, &str)] = &[
    ("ARN_ACCOUNT_NOT_ALLOWED", "all ARNs of IAM and STS have an account"),
    ("MISSING_ARN_REGION", "no ARN of IAM and STS has a region"),
    ("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", "needs the catalogue of the resource's service"),
    ("DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", "IAM and STS fill the tag keys"),
    (
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "IAM and STS fill the tag keys",
    ),
    ("ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", "IAM and STS fill the tag keys"),
    (
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "IAM and STS fill the tag keys",
    ),
    ("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", "about one service only"),
    ("MISSING_GITHUB_REPO_CONDITION_KEY", "about one vendor's tokens only"),
    ("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", "about one vendor's tokens only"),
    ("SCP_SYNTAX_ERROR_ACTION_WILDCARD", "allowed since 2025-09-19"),
    ("SCP_SYNTAX_ERROR_ALLOW_CONDITION", "allowed since 2025-09-19"),
    ("SCP_SYNTAX_ERROR_ALLOW_NOTACTION", "allowed since 2025-09-19"),
    ("SCP_SYNTAX_ERROR_ALLOW_RESOURCE", "allowed since 2025-09-19"),
    ("SCP_SYNTAX_ERROR_NOTRESOURCE", "allowed since 2025-09-19"),
];

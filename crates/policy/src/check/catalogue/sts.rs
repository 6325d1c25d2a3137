//! STS: its actions and condition keys.
//!
//! Source: Service Authorization Reference, "AWS Security Token Service".

use super::{
    Key, Service,
    ValueType::{Arn, Numeric, String},
    list, one, only,
};

pub(super) const SERVICE: Service = Service { prefix: "sts", actions: ACTIONS, keys: KEYS };

const KEYS: &[Key] = &[
    only("sts:AWSServiceName", String, &["GetServiceBearerToken"]),
    one("sts:DurationSeconds", Numeric),
    only("sts:ExternalId", String, &["AssumeRole"]),
    list("sts:IdentityTokenAudience", String),
    one("sts:RequestContext/", String),
    list("sts:RequestContextProviders", Arn),
    only("sts:RoleSessionName", String, ASSUMING),
    one("sts:SigningAlgorithm", String),
    one("sts:SourceIdentity", String),
    only("sts:TaskPolicyArn", Arn, &["AssumeRoot"]),
    list("sts:TransitiveTagKeys", String),
];

const ASSUMING: &[&str] = &["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// Its operations, and what is only a permission.
const ACTIONS: &[&str] = &[
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetCallerIdentity",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetServiceBearerToken",
    "GetSessionToken",
    "GetWebIdentityToken",
    "SetContext",
    "SetSourceIdentity",
    "TagGetWebIdentityToken",
    "TagSession",
];

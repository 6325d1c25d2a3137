//! Callers by their names, as far as a name tells.

use super::{Principal, PrincipalKind, named::split_arn};

impl<'a> Principal<'a> {
    /// The caller with this name: the ARN of a user, role, role session, federated user or root
    /// user, the ARN of an identity provider, the name of a service, or `anonymous`. Names tell no
    /// unique ids, so ids in policies match none of these callers.
    ///
    /// Source: IAM User Guide, "IAM identifiers".
    pub fn from_name(name: &'a str) -> Option<Self> {
        if name == "anonymous" {
            return Some(Self::anonymous());
        }
        if !name.starts_with("arn:") {
            let is_service = name.contains('.') && !name.contains([':', '/', '*', '?', ' ']);
            return is_service.then(|| Self::service(name));
        }
        let (service, account, resource) = split_arn(name)?;
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let has_name = rest.rsplit('/').next().is_some_and(|last| !last.is_empty());
        let kind = match (service, kind) {
            ("iam", "root") if resource == "root" => PrincipalKind::Root,
            ("iam", "user") if has_name => PrincipalKind::User,
            ("iam", "role") if has_name => {
                let role = Self::new(PrincipalKind::AssumedRole, account, name, "");
                return Some(Self { role_arn: Some(name), ..role });
            }
            ("iam", "oidc-provider" | "saml-provider") if has_name => {
                return Some(Self::federated(name));
            }
            ("sts", "assumed-role") if has_name && rest.contains('/') => PrincipalKind::AssumedRole,
            ("sts", "federated-user") if has_name => PrincipalKind::FederatedUser,
            _ => return None,
        };
        Some(Self::new(kind, account, name, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_kind() {
        use PrincipalKind::{
            Anonymous, AssumedRole, Federated, FederatedUser, Root, Service, User,
        };
        for (name, kind, account) in [
            ("anonymous", Anonymous, ""),
            ("ec2.amazonaws.com", Service, ""),
            ("arn:aws:iam::111122223333:root", Root, "111122223333"),
            ("arn:aws:iam::111122223333:user/a/b/alice", User, "111122223333"),
            ("arn:aws:iam::111122223333:role/a/app", AssumedRole, "111122223333"),
            ("arn:aws:sts::111122223333:assumed-role/app/s", AssumedRole, "111122223333"),
            ("arn:aws:sts::111122223333:federated-user/bob", FederatedUser, "111122223333"),
            ("arn:aws:iam::111122223333:saml-provider/p", Federated, ""),
        ] {
            let caller = Principal::from_name(name).unwrap_or_else(|| panic!("{name} is known"));
            assert_eq!((caller.kind, caller.account), (kind, account), "{name}");
        }
    }

    #[test]
    fn names_of_nobody() {
        for name in [
            "",
            "alice",
            "*",
            "111122223333",
            "arn:aws:iam::1:user/alice",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:sts::111122223333:assumed-role/app",
            "arn:aws:s3:::b",
        ] {
            assert!(Principal::from_name(name).is_none(), "{name}");
        }
    }
}

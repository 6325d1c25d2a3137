//! A stored entity with what is derived from it: its digest and its compiled policies.

use std::ops::Deref;
use std::sync::Arc;

use policy::{Kind, Policy};

use crate::managed::Versions;
use crate::v1::{self, entity, entity_key};
use crate::{Ack, Digest, Name, shared};

/// A kind of entity: where it is kept and what is derived from it when it is put.
pub trait Record: prost::Message + Clone + Default + Send + Sync + 'static {
    /// What is derived: compiled policies, or nothing.
    type Derived: Send + Sync + 'static;
    /// The kind, as keys name it.
    const KIND: entity_key::Kind;

    /// The key under which the entity is kept.
    fn key(&self) -> Name;
    /// The account the entity belongs to; empty for what belongs to the cell.
    fn account_id(&self) -> &str;
    /// Compiles what is derived from the record.
    fn derive(&self) -> Self::Derived;
    /// The record as any entity.
    fn into_entity(self) -> v1::Entity;
    /// The record as followers of its account get it: without secrets.
    fn shared(&self) -> Self {
        self.clone()
    }
    /// The digest of [`Record::shared`].
    fn shared_digest(stored: &Stored<Self>) -> Digest {
        stored.digest()
    }

    /// The full key of the entity.
    fn entity_key(&self) -> v1::EntityKey {
        v1::EntityKey {
            kind: Self::KIND.into(),
            account_id: self.account_id().to_owned(),
            name: self.key().as_str().to_owned(),
        }
    }
}

/// A record as the state holds it.
pub struct Stored<R: Record> {
    record: R,
    digest: Digest,
    /// What [`Record::derive`] made of the record.
    pub derived: R::Derived,
}

impl<R: Record> Stored<R> {
    /// Derives what is derived; the record does not change from here on.
    pub fn new(record: R) -> Self {
        let derived = record.derive();
        let digest = Digest::of_record(&record);
        Stored { record, digest, derived }
    }

    /// The record's share in the state's digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The record alone.
    pub fn record(&self) -> &R {
        &self.record
    }

    /// The record, without what was derived from it.
    pub fn into_record(self) -> R {
        self.record
    }
}

/// Equal records have equal digests.
impl<R: Record> PartialEq for Stored<R> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl<R: Record> Eq for Stored<R> {}

impl<R: Record> Deref for Stored<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.record
    }
}

/// Policies embedded in an entity, by name, compiled.
pub type Inline = Vec<(String, Arc<Policy>)>;

/// What is derived from a role.
pub struct RolePolicies {
    /// Its inline policies.
    pub inline: Inline,
    /// Its trust policy, bound to the ids of the principals it names.
    pub trust: Arc<Policy>,
}

fn inline(policies: &[v1::InlinePolicy]) -> Inline {
    policies.iter().map(|p| (p.name.clone(), compile(&p.document, Kind::Identity))).collect()
}

/// Compiles a stored document. Documents are validated before they are stored; one that no longer parses (written by
/// a newer version, say) denies everything rather than being ignored.
fn compile(document: &str, kind: Kind) -> Arc<Policy> {
    Arc::new(Policy::parse(document, kind).unwrap_or_else(|_| deny_all()))
}

fn deny_all() -> Policy {
    const DENY_ALL: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    // INVARIANT: the constant is a valid policy, as a test below shows.
    Policy::parse(DENY_ALL, Kind::Identity).expect("the constant policy is valid")
}

fn trust(role: &v1::Role) -> Arc<Policy> {
    let Ok(mut policy) = Policy::parse(&role.trust_policy, Kind::Trust) else {
        return Arc::new(deny_all());
    };
    for binding in &role.principal_bindings {
        policy.bind(&binding.arn, &binding.unique_id);
    }
    Arc::new(policy)
}

macro_rules! record {
    ($type:ident, key: $key:expr, account: $account:expr, $derived:ty, $derive:expr $(, $shared:item)*) => {
        impl Record for v1::$type {
            type Derived = $derived;
            const KIND: entity_key::Kind = entity_key::Kind::$type;

            fn key(&self) -> Name {
                let key: fn(&Self) -> Name = $key;
                key(self)
            }

            fn account_id(&self) -> &str {
                let account: fn(&Self) -> &str = $account;
                account(self)
            }

            fn derive(&self) -> $derived {
                let derive: fn(&Self) -> $derived = $derive;
                derive(self)
            }

            fn into_entity(self) -> v1::Entity {
                v1::Entity { kind: Some(entity::Kind::$type(self)) }
            }

            $($shared)*
        }
    };
}

record!(Cell, key: |_| Name::exact(""), account: |_| "", (), |_| ());
record!(OperatorKey, key: |k| Name::exact(&k.access_key_id), account: |_| "", (), |_| ());
record!(Account, key: |a| Name::exact(&a.account_id), account: |_| "", Option<Ack>,
    |a| Ack::of_account(&a.ack),
fn shared(&self) -> Self {
    shared::account(self)
},
fn shared_digest(stored: &Stored<Self>) -> Digest {
    Digest::of_record(&stored.shared())
});
record!(User, key: |u| Name::new(&u.name), account: |u| &u.account_id, Inline,
    |u| inline(&u.inline_policies));
record!(Group, key: |g| Name::new(&g.name), account: |g| &g.account_id, Inline,
    |g| inline(&g.inline_policies));
record!(Role, key: |r| Name::new(&r.name), account: |r| &r.account_id, RolePolicies,
    |r| RolePolicies { inline: inline(&r.inline_policies), trust: trust(r) });
record!(ManagedPolicy, key: |p| Name::new(&p.name), account: |p| &p.account_id,
    Arc<Policy>, |p| compile(p.default_document(), Kind::Identity));
record!(InstanceProfile, key: |p| Name::new(&p.name), account: |p| &p.account_id, (), |_| ());
record!(AccessKey, key: |k| Name::exact(&k.id), account: |k| &k.account_id,
Digest, |k| Digest::of_record(&shared::access_key(k)),
fn shared(&self) -> Self {
    shared::access_key(self)
},
fn shared_digest(stored: &Stored<Self>) -> Digest {
    stored.derived
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_does_not_parse_denies_everything() {
        assert_eq!(deny_all().source_text(), compile("{", Kind::Identity).source_text());
    }
}

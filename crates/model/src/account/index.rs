//! What is derived from an account's tables: who is in which group, what is attached where, whose key is whose.

use imbl::{OrdMap, OrdSet};

use crate::{Name, v1};

/// Entities that carry a managed policy, as attachment or as boundary.
#[derive(Clone, Default, PartialEq)]
pub struct Attached {
    /// Users it is attached to.
    pub users: OrdSet<Name>,
    /// Groups it is attached to.
    pub groups: OrdSet<Name>,
    /// Roles it is attached to.
    pub roles: OrdSet<Name>,
    /// Users it is the boundary of.
    pub bounded_users: OrdSet<Name>,
    /// Roles it is the boundary of.
    pub bounded_roles: OrdSet<Name>,
}

impl Attached {
    /// To how many users, groups and roles it is attached.
    pub fn attachment_count(&self) -> usize {
        self.users.len() + self.groups.len() + self.roles.len()
    }

    /// Of how many users and roles it is the boundary.
    pub fn boundary_count(&self) -> usize {
        self.bounded_users.len() + self.bounded_roles.len()
    }
}

/// The indexes of an account.
#[derive(Clone, Default, PartialEq)]
pub struct Index {
    names: OrdMap<Name, Name>,
    members: OrdMap<Name, OrdSet<Name>>,
    attached: OrdMap<Name, Attached>,
    profiles: OrdMap<Name, OrdSet<Name>>,
    keys: OrdMap<Name, OrdSet<Name>>,
}

impl Index {
    /// The table key of a unique id.
    pub fn name_of(&self, id: &str) -> Option<&Name> {
        self.names.get(id)
    }

    /// Names of the users in a group.
    pub fn members(&self, group_id: &str) -> impl Iterator<Item = &Name> {
        self.members.get(group_id).into_iter().flat_map(OrdSet::iter)
    }

    /// Where a managed policy is used, by ARN.
    pub fn attached(&self, policy_arn: &str) -> Option<&Attached> {
        self.attached.get(policy_arn)
    }

    /// Names of the instance profiles that hold a role.
    pub fn profiles(&self, role_id: &str) -> impl Iterator<Item = &Name> {
        self.profiles.get(role_id).into_iter().flat_map(OrdSet::iter)
    }

    /// Ids of an owner's access keys.
    pub fn keys(&self, owner_id: &str) -> impl Iterator<Item = &Name> {
        self.keys.get(owner_id).into_iter().flat_map(OrdSet::iter)
    }

    pub(super) fn user(&mut self, old: Option<&v1::User>, new: Option<&v1::User>) {
        let key = key_of(old.map(|u| &u.name), new.map(|u| &u.name));
        self.rename(old.map(|u| &u.id), new.map(|u| &u.id), &key);
        let groups =
            |user: Option<&v1::User>| user.map(|u| u.group_ids.clone()).unwrap_or_default();
        move_between(&mut self.members, &groups(old), &groups(new), &key);
        let attached =
            |user: Option<&v1::User>| user.map(|u| u.attached_policies.clone()).unwrap_or_default();
        self.attach(&attached(old), &attached(new), &key, |a| &mut a.users);
        let boundary = |user: Option<&v1::User>| one(user.map(|u| &u.boundary));
        self.attach(&boundary(old), &boundary(new), &key, |a| &mut a.bounded_users);
    }

    pub(super) fn group(&mut self, old: Option<&v1::Group>, new: Option<&v1::Group>) {
        let key = key_of(old.map(|g| &g.name), new.map(|g| &g.name));
        self.rename(old.map(|g| &g.id), new.map(|g| &g.id), &key);
        let attached = |group: Option<&v1::Group>| {
            group.map(|g| g.attached_policies.clone()).unwrap_or_default()
        };
        self.attach(&attached(old), &attached(new), &key, |a| &mut a.groups);
    }

    pub(super) fn role(&mut self, old: Option<&v1::Role>, new: Option<&v1::Role>) {
        let key = key_of(old.map(|r| &r.name), new.map(|r| &r.name));
        self.rename(old.map(|r| &r.id), new.map(|r| &r.id), &key);
        let attached =
            |role: Option<&v1::Role>| role.map(|r| r.attached_policies.clone()).unwrap_or_default();
        self.attach(&attached(old), &attached(new), &key, |a| &mut a.roles);
        let boundary = |role: Option<&v1::Role>| one(role.map(|r| &r.boundary));
        self.attach(&boundary(old), &boundary(new), &key, |a| &mut a.bounded_roles);
    }

    pub(super) fn profile(
        &mut self,
        old: Option<&v1::InstanceProfile>,
        new: Option<&v1::InstanceProfile>,
    ) {
        let key = key_of(old.map(|p| &p.name), new.map(|p| &p.name));
        move_between(
            &mut self.profiles,
            &one(old.map(|p| &p.role_id)),
            &one(new.map(|p| &p.role_id)),
            &key,
        );
    }

    pub(super) fn key(&mut self, old: Option<&v1::AccessKey>, new: Option<&v1::AccessKey>) {
        let id = old.or(new).map(|k| Name::exact(&k.id)).unwrap_or_else(|| Name::exact(""));
        move_between(
            &mut self.keys,
            &one(old.map(|k| &k.owner_id)),
            &one(new.map(|k| &k.owner_id)),
            &id,
        );
    }

    /// A rename deletes the old key and puts the new one, in either order: an id is forgotten only by the key it
    /// stands for.
    fn rename(&mut self, old_id: Option<&String>, new_id: Option<&String>, key: &Name) {
        if let Some(old_id) = old_id.filter(|old| Some(*old) != new_id)
            && self.names.get(old_id.as_str()) == Some(key)
        {
            self.names.remove(old_id.as_str());
        }
        if let Some(new_id) = new_id {
            self.names.insert(Name::exact(new_id), key.clone());
        }
    }

    fn attach(
        &mut self,
        old: &[String],
        new: &[String],
        key: &Name,
        set: fn(&mut Attached) -> &mut OrdSet<Name>,
    ) {
        for arn in old.iter().filter(|arn| !new.contains(arn)) {
            if let Some(attached) = self.attached.get_mut(arn.as_str()) {
                set(attached).remove(key);
                if *attached == Attached::default() {
                    self.attached.remove(arn.as_str());
                }
            }
        }
        for arn in new.iter().filter(|arn| !old.contains(arn)) {
            set(self.attached.entry(Name::exact(arn)).or_default()).insert(key.clone());
        }
    }
}

fn key_of(old: Option<&String>, new: Option<&String>) -> Name {
    Name::new(new.or(old).map(String::as_str).unwrap_or_default())
}

fn one(id: Option<&String>) -> Vec<String> {
    id.filter(|id| !id.is_empty()).cloned().into_iter().collect()
}

fn move_between(map: &mut OrdMap<Name, OrdSet<Name>>, old: &[String], new: &[String], key: &Name) {
    for id in old.iter().filter(|id| !new.contains(id)) {
        if let Some(set) = map.get_mut(id.as_str()) {
            set.remove(key);
            if set.is_empty() {
                map.remove(id.as_str());
            }
        }
    }
    for id in new.iter().filter(|id| !old.contains(id)) {
        map.entry(Name::exact(id)).or_default().insert(key.clone());
    }
}

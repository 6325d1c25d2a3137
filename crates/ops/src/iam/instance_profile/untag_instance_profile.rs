//! UntagInstanceProfile: takes tags of an instance profile away.

use schema::Fault;
use schema::iam::v1::{UntagInstanceProfileRequest, UntagInstanceProfileResponse};

use super::find;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UntagInstanceProfileRequest {
    type Response = UntagInstanceProfileResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        let untag = Access::instance_profile("iam:UntagInstanceProfile", view, name);
        vec![untag.naming_tags(&self.tag_keys)]
    }
}

impl Write for UntagInstanceProfileRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UntagInstanceProfileResponse, Fault> {
        let mut profile = find(&txn.view(), &self.instance_profile_name)?.record().clone();
        tags::remove(&mut profile.tags, &self.tag_keys, Keys::Caseless);
        txn.put(profile);
        Ok(UntagInstanceProfileResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateInstanceProfileRequest, ListInstanceProfileTagsRequest, Tag};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn untag(name: &str, tag_keys: &[&str]) -> UntagInstanceProfileRequest {
        UntagInstanceProfileRequest {
            instance_profile_name: name.to_owned(),
            tag_keys: tag_keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn keys_go_whatever_their_case_and_unknown_ones_are_no_fault() {
        let mut cell = Cell::new();
        let tag = |key: &str| Tag { key: key.to_owned(), value: String::new() };
        cell.write(CreateInstanceProfileRequest {
            instance_profile_name: "machine".to_owned(),
            tags: vec![tag("Team"), tag("level")],
            ..Default::default()
        })
        .unwrap();
        cell.write(untag("machine", &["TEAM", "colour"])).unwrap();
        let request = ListInstanceProfileTagsRequest {
            instance_profile_name: "machine".to_owned(),
            ..Default::default()
        };
        assert_eq!(cell.read(request).unwrap().tags, [tag("level")]);
    }

    #[test]
    fn no_such_profile() {
        let message = "Instance Profile nothing cannot be found.";
        assert_fault(Cell::new().write(untag("nothing", &["k"])), "NoSuchEntity", message);
    }
}

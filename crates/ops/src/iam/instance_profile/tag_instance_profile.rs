//! TagInstanceProfile: puts tags on an instance profile, in place of those of the same keys.

use schema::Fault;
use schema::iam::v1::{TagInstanceProfileRequest, TagInstanceProfileResponse};

use super::find;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for TagInstanceProfileRequest {
    type Response = TagInstanceProfileResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        let tag = Access::instance_profile("iam:TagInstanceProfile", view, name);
        vec![tag.requesting(tags::pairs(&self.tags))]
    }
}

impl Write for TagInstanceProfileRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<TagInstanceProfileResponse, Fault> {
        let mut profile = find(&txn.view(), &self.instance_profile_name)?.record().clone();
        tags::add(&mut profile.tags, &self.tags, Keys::Caseless)?;
        txn.put(profile);
        Ok(TagInstanceProfileResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetInstanceProfileRequest, Tag};

    use super::super::tests::cell;
    use super::*;
    use crate::testing::assert_fault;

    fn tag(name: &str, pairs: &[(&str, &str)]) -> TagInstanceProfileRequest {
        let tag = |(key, value): &(&str, &str)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        TagInstanceProfileRequest {
            instance_profile_name: name.to_owned(),
            tags: pairs.iter().map(tag).collect(),
        }
    }

    #[test]
    fn a_key_in_another_case_takes_the_old_ones_place() {
        let mut cell = cell();
        cell.write(tag("machine", &[("Team", "red"), ("level", "1")])).unwrap();
        cell.write(tag("machine", &[("team", "blue")])).unwrap();
        let request = GetInstanceProfileRequest { instance_profile_name: "machine".to_owned() };
        let tags = cell.read(request).unwrap().instance_profile.unwrap().tags;
        assert_eq!(tags, tag("", &[("team", "blue"), ("level", "1")]).tags);
    }

    #[test]
    fn duplicates_and_strangers_are_refused() {
        let mut cell = cell();
        assert_fault(
            cell.write(tag("machine", &[("k", "1"), ("K", "2")])),
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        );
        let message = "Instance Profile nothing cannot be found.";
        assert_fault(cell.write(tag("nothing", &[("k", "1")])), "NoSuchEntity", message);
    }
}

//! ListInstanceProfiles: lists the instance profiles below a path, in the order of their names.

use schema::Fault;
use schema::iam::v1::{ListInstanceProfilesRequest, ListInstanceProfilesResponse};

use super::brief;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListInstanceProfilesRequest {
    type Response = ListInstanceProfilesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let prefix = self.path_prefix.as_deref();
        vec![Access::list("iam:ListInstanceProfiles", view, "instance-profile", prefix)]
    }
}

impl Read for ListInstanceProfilesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListInstanceProfilesResponse, Fault> {
        let page = Page::new(view, "ListInstanceProfiles", self.marker.as_deref(), self.max_items)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let profiles = view.account().profiles().after(page.after());
        let profiles = profiles.filter(|(_, profile)| profile.path.starts_with(prefix));
        let paged = page.take(profiles.map(|(name, profile)| (name.clone(), brief(view, profile))));
        Ok(ListInstanceProfilesResponse {
            instance_profiles: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::CreateInstanceProfileRequest;

    use super::*;
    use crate::testing::Cell;

    fn cell() -> Cell {
        let mut cell = Cell::new();
        for (path, name) in [("/x/", "c"), ("/", "B"), ("/x/y/", "a")] {
            cell.write(CreateInstanceProfileRequest {
                path: Some(path.to_owned()),
                instance_profile_name: name.to_owned(),
                tags: Vec::new(),
            })
            .unwrap();
        }
        cell
    }

    fn names(answer: &ListInstanceProfilesResponse) -> Vec<&str> {
        answer.instance_profiles.iter().map(|p| p.instance_profile_name.as_str()).collect()
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell();
        let request = ListInstanceProfilesRequest { max_items: Some(2), ..Default::default() };
        let first = cell.read(request).unwrap();
        assert_eq!((names(&first), first.is_truncated), (vec!["a", "B"], Some(true)));
        let marker = first.marker.clone();
        let request = ListInstanceProfilesRequest { marker, ..Default::default() };
        let second = cell.read(request).unwrap();
        assert_eq!((names(&second), second.is_truncated), (vec!["c"], Some(false)));
    }

    #[test]
    fn a_prefix_selects() {
        let path_prefix = Some("/x/".to_owned());
        let request = ListInstanceProfilesRequest { path_prefix, ..Default::default() };
        assert_eq!(names(&cell().read(request).unwrap()), ["a", "c"]);
    }
}

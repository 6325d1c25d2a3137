//! ListInstanceProfilesForRole: lists the instance profiles that hold a role.

use model::Record;
use schema::Fault;
use schema::iam::v1::{ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse};

use super::brief;
use crate::page::Page;
use crate::{Access, Operation, Read, View, faults};

impl Operation for ListInstanceProfilesForRoleRequest {
    type Response = ListInstanceProfilesForRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:ListInstanceProfilesForRole", view, &self.role_name)]
    }
}

impl Read for ListInstanceProfilesForRoleRequest {
    fn read(&self, view: &View<'_>) -> Result<ListInstanceProfilesForRoleResponse, Fault> {
        let operation = "ListInstanceProfilesForRole";
        let page = Page::new(view, operation, self.marker.as_deref(), self.max_items)?;
        let role = view.account().roles().named(&self.role_name);
        let role = role.ok_or_else(|| faults::no_role(&self.role_name))?;
        let profiles = view.account().profiles_of(&role.id);
        let paged = page.take_sorted(profiles.map(|p| (p.key(), brief(view, p))));
        Ok(ListInstanceProfilesForRoleResponse {
            instance_profiles: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::CreateInstanceProfileRequest;

    use super::super::tests::{add, cell};
    use super::*;
    use crate::testing::assert_fault;

    fn list(role_name: &str) -> ListInstanceProfilesForRoleRequest {
        ListInstanceProfilesForRoleRequest { role_name: role_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn a_role_may_be_in_several() {
        let mut cell = cell();
        cell.write(CreateInstanceProfileRequest {
            instance_profile_name: "another".to_owned(),
            ..Default::default()
        })
        .unwrap();
        for profile in ["machine", "another"] {
            cell.write(add(profile, "one")).unwrap();
        }
        let first = ListInstanceProfilesForRoleRequest { max_items: Some(1), ..list("one") };
        let first = cell.read(first).unwrap();
        let profile = &first.instance_profiles[0];
        assert_eq!(profile.instance_profile_name, "another");
        assert_eq!(profile.roles[0].role_name, "one");
        let rest = ListInstanceProfilesForRoleRequest { marker: first.marker, ..list("one") };
        let rest = cell.read(rest).unwrap();
        assert_eq!(rest.instance_profiles[0].instance_profile_name, "machine");
        assert_eq!(rest.is_truncated, Some(false));
    }

    #[test]
    fn none_is_no_fault_but_no_role_is() {
        let cell = cell();
        assert_eq!(cell.read(list("two")).unwrap().instance_profiles, []);
        let message = "The role with name none cannot be found.";
        assert_fault(cell.read(list("none")), "NoSuchEntity", message);
    }
}

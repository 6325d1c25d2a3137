//! GetAccountAuthorizationDetails: shows users, groups, roles and policies, and what they allow.

use std::cmp::Ordering;

use model::arn::HasArn;
use model::{AWS_ACCOUNT, Account, Name};
use schema::Fault;
use schema::iam::v1::{
    GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse, GroupDetail,
    ManagedPolicyDetail, RoleDetail, UserDetail,
};

use super::detail;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for GetAccountAuthorizationDetailsRequest {
    type Response = GetAccountAuthorizationDetailsResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:GetAccountAuthorizationDetails")]
    }
}

impl Read for GetAccountAuthorizationDetailsRequest {
    fn read(&self, view: &View<'_>) -> Result<GetAccountAuthorizationDetailsResponse, Fault> {
        let operation = "GetAccountAuthorizationDetails";
        let page = Page::new(view, operation, self.marker.as_deref(), self.max_items)?;
        let sections: Vec<(Section, Option<Name>)> = Section::ALL
            .into_iter()
            .filter(|section| section.is_wanted(&self.filter))
            .filter_map(|section| Some((section, section.begin(page.after())?)))
            .collect();
        let details = sections.iter().flat_map(|(section, after)| section.details(view, after));
        let paged = page.take(details);
        let mut answer = GetAccountAuthorizationDetailsResponse {
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
            ..Default::default()
        };
        for detail in paged.items {
            match detail {
                Detail::User(user) => answer.user_detail_list.push(user),
                Detail::Group(group) => answer.group_detail_list.push(group),
                Detail::Role(role) => answer.role_detail_list.push(role),
                Detail::Policy(policy) => answer.policies.push(policy),
            }
        }
        Ok(answer)
    }
}

/// What the answer is made of, in the order in which its pages go through it.
#[derive(Clone, Copy)]
enum Section {
    Users,
    Groups,
    Roles,
    OwnPolicies,
    AwsPolicies,
}

enum Detail {
    User(UserDetail),
    Group(GroupDetail),
    Role(RoleDetail),
    Policy(ManagedPolicyDetail),
}

impl Section {
    const ALL: [Section; 5] = [
        Section::Users,
        Section::Groups,
        Section::Roles,
        Section::OwnPolicies,
        Section::AwsPolicies,
    ];

    /// Whether a request's filter lets the section through; an empty one lets all.
    fn is_wanted(self, filter: &[String]) -> bool {
        let name = match self {
            Section::Users => "User",
            Section::Groups => "Group",
            Section::Roles => "Role",
            Section::OwnPolicies => "LocalManagedPolicy",
            Section::AwsPolicies => "AWSManagedPolicy",
        };
        filter.is_empty() || filter.iter().any(|wanted| wanted == name)
    }

    /// The section's place, as keys of details begin with it.
    fn place(self) -> &'static str {
        match self {
            Section::Users => "1",
            Section::Groups => "2",
            Section::Roles => "3",
            Section::OwnPolicies => "4",
            Section::AwsPolicies => "5",
        }
    }

    fn key(self, name: &Name) -> Name {
        Name::exact(&format!("{}/{name}", self.place()))
    }

    /// The name after which the section begins on a page that begins after a key: none where it
    /// begins at its beginning. `None` when it has been passed.
    fn begin(self, after: Option<&Name>) -> Option<Option<Name>> {
        let Some(after) = after else { return Some(None) };
        let (place, name) = after.as_str().split_once('/')?;
        match self.place().cmp(place) {
            Ordering::Less => None,
            Ordering::Equal => Some(Some(Name::exact(name))),
            Ordering::Greater => Some(None),
        }
    }

    /// The section's details after a name, in the order of their keys.
    fn details<'a>(self, view: &'a View<'a>, after: &'a Option<Name>) -> Details<'a> {
        let (account, after) = (view.account(), after.as_ref());
        match self {
            Section::Users => {
                Box::new(account.users().after(after).map(move |(name, user)| {
                    (self.key(name), Detail::User(detail::user(view, user)))
                }))
            }
            Section::Groups => {
                Box::new(account.groups().after(after).map(move |(name, group)| {
                    (self.key(name), Detail::Group(detail::group(group)))
                }))
            }
            Section::Roles => {
                Box::new(account.roles().after(after).map(move |(name, role)| {
                    (self.key(name), Detail::Role(detail::role(view, role)))
                }))
            }
            Section::OwnPolicies => self.policies(view, account, after),
            // AWS-named policies are everybody's: shown are those that the account uses.
            Section::AwsPolicies => match view.state().account(AWS_ACCOUNT) {
                Some(aws) => self.policies(view, aws, after),
                None => Box::new(std::iter::empty()),
            },
        }
    }

    fn policies<'a>(
        self,
        view: &'a View<'a>,
        owner: &'a Account,
        after: Option<&'a Name>,
    ) -> Details<'a> {
        let used = |policy_arn: &str| view.account().index().attached(policy_arn).is_some();
        let own = owner.id() == view.account().id();
        let policies = owner.policies().after(after);
        let policies = policies.filter(move |(_, policy)| own || used(&policy.arn()));
        Box::new(policies.map(move |(name, policy)| {
            (self.key(name), Detail::Policy(detail::policy(view, policy)))
        }))
    }
}

type Details<'a> = Box<dyn Iterator<Item = (Name, Detail)> + 'a>;

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, AttachUserPolicyRequest, CreateGroupRequest, CreatePolicyRequest,
        CreateRoleRequest, PutUserPermissionsBoundaryRequest,
    };

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    /// Two users, a group, a role, a policy of the account's own and one of AWS's that is in use.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.user("bob");
        cell.allow("alice", &allow("iam:*", "*"));
        let group_name = "staff".to_owned();
        cell.write(CreateGroupRequest { group_name: group_name.clone(), path: None }).unwrap();
        let user_name = "alice".to_owned();
        cell.write(AddUserToGroupRequest { group_name, user_name: user_name.clone() }).unwrap();
        cell.write(CreateRoleRequest {
            role_name: "runner".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            ..Default::default()
        })
        .unwrap();
        let policy = cell.write(CreatePolicyRequest {
            policy_name: "own".to_owned(),
            policy_document: allow("s3:*", "*"),
            ..Default::default()
        });
        let permissions_boundary = policy.unwrap().policy.unwrap().arn().to_owned();
        let policy_arn = READ_ONLY.to_owned();
        cell.write(AttachUserPolicyRequest { user_name: user_name.clone(), policy_arn }).unwrap();
        cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary }).unwrap();
        cell
    }

    fn all() -> GetAccountAuthorizationDetailsRequest {
        GetAccountAuthorizationDetailsRequest::default()
    }

    fn names(answer: &GetAccountAuthorizationDetailsResponse) -> Vec<&str> {
        let users = answer.user_detail_list.iter().map(|user| user.user_name());
        let groups = answer.group_detail_list.iter().map(|group| group.group_name());
        let roles = answer.role_detail_list.iter().map(|role| role.role_name());
        let policies = answer.policies.iter().map(|policy| policy.policy_name());
        users.chain(groups).chain(roles).chain(policies).collect()
    }

    const NAMES: [&str; 6] = ["alice", "bob", "staff", "runner", "own", "ReadOnlyAccess"];

    #[test]
    fn everything_is_there_with_what_it_allows() {
        let answer = cell().read(all()).unwrap();
        assert_eq!((names(&answer), answer.is_truncated), (NAMES.to_vec(), Some(false)));
        let alice = &answer.user_detail_list[0];
        assert_eq!(alice.user_policy_list[0].policy_document(), allow("iam:*", "*"));
        assert_eq!(alice.group_list, ["staff"]);
        assert_eq!(alice.attached_managed_policies[0].policy_name(), "ReadOnlyAccess");
        assert_eq!(alice.attached_managed_policies[0].policy_arn(), READ_ONLY);
        let boundary = alice.permissions_boundary.as_ref().unwrap();
        assert!(boundary.permissions_boundary_arn().ends_with(":policy/own"));
        let role = &answer.role_detail_list[0];
        assert_eq!(role.assume_role_policy_document(), trust(ACCOUNT));
        assert!(role.role_last_used.is_some());
        let [own, aws] = &answer.policies[..] else { panic!("two policies") };
        assert_eq!((own.attachment_count(), own.permissions_boundary_usage_count()), (0, 1));
        assert_eq!((aws.attachment_count(), aws.permissions_boundary_usage_count()), (1, 0));
        let version = &own.policy_version_list[0];
        assert_eq!((version.version_id(), version.document()), ("v1", allow("s3:*", "*").as_str()));
        assert_eq!((version.is_default_version(), own.default_version_id()), (true, "v1"));
    }

    #[test]
    fn pages_go_through_one_section_after_the_other() {
        let cell = cell();
        for size in [1, 2, 4, 6] {
            let mut seen: Vec<String> = Vec::new();
            let mut request =
                GetAccountAuthorizationDetailsRequest { max_items: Some(size), ..all() };
            loop {
                let page = cell.read(request.clone()).unwrap();
                seen.extend(names(&page).iter().map(|name| (*name).to_owned()));
                if page.is_truncated == Some(false) {
                    break;
                }
                assert_eq!(names(&page).len(), usize::try_from(size).unwrap());
                request.marker = page.marker;
            }
            assert_eq!(seen, NAMES, "in pages of {size}");
        }
    }

    #[test]
    fn a_filter_selects() {
        let cell = cell();
        for (filter, expected) in [
            (vec!["Role"], vec!["runner"]),
            (vec!["Group", "AWSManagedPolicy"], vec!["staff", "ReadOnlyAccess"]),
            (vec!["LocalManagedPolicy"], vec!["own"]),
        ] {
            let filter = filter.into_iter().map(str::to_owned).collect();
            let answer = cell.read(GetAccountAuthorizationDetailsRequest { filter, ..all() });
            assert_eq!(names(&answer.unwrap()), expected);
        }
    }

    #[test]
    fn a_marker_that_was_not_issued_is_refused() {
        let marker = Some("junk".to_owned());
        let request = GetAccountAuthorizationDetailsRequest { marker, ..all() };
        assert_fault(cell().read(request), "ValidationError", "Invalid Marker.");
    }
}

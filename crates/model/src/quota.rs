//! Default quotas of an account.
//!
//! Source: IAM User Guide, "IAM and AWS STS quotas"; GetAccountSummary names them.

/// Users in an account.
pub const USERS: usize = 5_000;
/// Groups in an account.
pub const GROUPS: usize = 300;
/// Roles in an account.
pub const ROLES: usize = 1_000;
/// Customer managed policies in an account.
pub const POLICIES: usize = 1_500;
/// Instance profiles in an account.
pub const INSTANCE_PROFILES: usize = 1_000;
/// Groups a user may be in.
pub const GROUPS_PER_USER: usize = 10;
/// Managed policies attached to one user, group or role.
pub const ATTACHED_POLICIES: usize = 10;
/// Versions of a managed policy.
pub const VERSIONS_PER_POLICY: usize = 5;
/// Versions of all managed policies in an account, as the summary names it.
pub const POLICY_VERSIONS_IN_USE: usize = 10_000;
/// Access keys of a user.
pub const ACCESS_KEYS_PER_USER: usize = 2;
/// Tags on an entity.
pub const TAGS: usize = 50;
/// Size of a managed policy, characters without white space.
pub const MANAGED_POLICY_SIZE: usize = 6_144;
/// Size of a user's inline policies together, characters without white space.
pub const USER_INLINE_SIZE: usize = 2_048;
/// Size of a group's inline policies together, characters without white space.
pub const GROUP_INLINE_SIZE: usize = 5_120;
/// Size of a role's inline policies together, characters without white space.
pub const ROLE_INLINE_SIZE: usize = 10_240;
/// Size of a trust policy, characters without white space.
pub const TRUST_POLICY_SIZE: usize = 2_048;

//! The commands, one file each.

pub mod account;
pub mod authz;
pub mod bench;
pub mod call;
pub mod chaos;
pub mod cluster;
pub mod lag;
pub mod policy;
pub mod propagation;
pub mod replica;
pub mod server;
pub mod sim;

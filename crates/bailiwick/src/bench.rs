//! Measuring a running cell, alone or beside a peer in the same run.

pub mod accounts;
pub mod barrier;
pub mod cell;
pub mod effort;
pub mod etcd;
pub mod figures;
pub mod load;
pub mod machine;
pub mod propagation;
pub mod report;
pub mod round;

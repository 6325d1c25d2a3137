//! The naive evaluator of the tests, and their cases.

#[path = "../../tests/vectors/agree.rs"]
pub mod agree;
#[path = "../../tests/vectors/case.rs"]
pub mod case;
#[path = "../../tests/naive/condition.rs"]
mod condition;
#[path = "../../tests/naive/evaluate.rs"]
pub mod evaluate;
#[path = "../../tests/naive/glob.rs"]
pub mod glob;
#[path = "../../tests/naive/pools.rs"]
pub mod pools;
#[path = "../../tests/naive/principal.rs"]
mod principal;

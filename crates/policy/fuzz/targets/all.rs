//! What is fuzzed: each target takes any bytes, and panics when something that must hold does not.
//!
//! Shared by the test `fuzz`, which any compiler runs, and by the programs for libFuzzer.

pub mod evaluator;
mod naive;
pub mod parser;
pub mod validator;

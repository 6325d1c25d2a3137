//! The parser under libFuzzer.
#![no_main]
#![allow(dead_code, reason = "every target has a program of its own")]

#[path = "../targets/all.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::parser::run(data));

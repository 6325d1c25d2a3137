//! Checks over the whole table of operations: who may call them, what any sequence of them leaves, what any bytes do.

mod authorization;
mod cell;
mod dangling;
mod golden;
mod indexes;
mod sample;
mod scenario;
mod totality;

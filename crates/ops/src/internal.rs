//! What a cell writes into its own log: its birth and its bookkeeping.

mod initialize_cell;
mod record_use;
